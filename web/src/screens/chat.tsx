// The two panes: people and a conversation. A phone shows one of them at a time.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useAlone } from '../chat/hooks';
import { useTexts } from '../i18n';
import { WaveIcon } from '../ui/icons';
import { Empty } from '../ui/state';
import { Alone } from './alone';
import { ConnectionBanner } from './connection_banner';
import { Conversation } from './conversation';
import { HelpDialog } from './help_dialog';
import { navigate } from './route';
import { SettingsDialog } from './settings_dialog';
import { Sidebar, type SidebarHandle } from './sidebar';
import { StorageBanner } from './storage_banner';
import { typing, useKeys } from './keys';

export function Chat({ peerId }: { peerId?: string }) {
    const { t } = useTexts();
    const [dialog, setDialog] = useState<'settings' | 'help'>();
    const sidebar = useRef<SidebarHandle>(null);
    const leave = useCallback(() => navigate('/'), []);
    useFocusAfterLeaving(peerId, sidebar);

    useKeys((event) => {
        const control = event.ctrlKey || event.metaKey;
        if (control && !event.altKey && event.key.toLowerCase() === 'k') sidebar.current?.search();
        else if (event.altKey && !control && event.key === 'ArrowUp') sidebar.current?.step(-1);
        else if (event.altKey && !control && event.key === 'ArrowDown') sidebar.current?.step(1);
        else if (event.key === '?' && !control && !typing(event)) setDialog('help');
        else if (event.key === 'Escape' && peerId && !dialog) leave();
        else return false;
        return true;
    });

    return (
        <main className="chat" data-pane={peerId ? 'conversation' : 'people'}>
            {peerId && (
                <a className="skip" href="#conversation" onClick={(event) => (event.preventDefault(), document.getElementById('conversation')?.focus())}>
                    {t('common.skip')}
                </a>
            )}
            <div className="banners">
                <ConnectionBanner />
                <StorageBanner />
            </div>
            <Sidebar ref={sidebar} selected={peerId} onSettings={() => setDialog('settings')} onHelp={() => setDialog('help')} />
            <div className="pane" id="conversation" tabIndex={-1}>
                {peerId ? (
                    <Conversation key={peerId} peerId={peerId} onLeave={leave} />
                ) : (
                    <NoConversation />
                )}
            </div>
            <SettingsDialog open={dialog === 'settings'} onClose={() => setDialog(undefined)} />
            <HelpDialog open={dialog === 'help'} onClose={() => setDialog(undefined)} />
        </main>
    );
}

function NoConversation() {
    const { t } = useTexts();
    return useAlone() ? <Alone /> : <Empty icon={<WaveIcon />} title={t('chat.none.title')} text={t('chat.none.text')} />;
}

// Whoever leaves a conversation is where they came from: at that person in the list.
function useFocusAfterLeaving(peerId: string | undefined, sidebar: { current: SidebarHandle | null }) {
    const before = useRef(peerId);
    useEffect(() => {
        if (before.current && !peerId) sidebar.current?.focusPerson(before.current);
        before.current = peerId;
    }, [peerId, sidebar]);
}
