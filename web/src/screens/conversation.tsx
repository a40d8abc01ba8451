// One conversation: who it is with, the messages, and where to write. Mounted anew for each person.
import { useEffect, useState } from 'react';
import { useConversation, useLiveMessages, useOnline } from '../chat/hooks';
import type { ConversationView, Message, User } from '../chat/types';
import { useTexts } from '../i18n';
import { Announcements } from '../ui/announcements';
import { Avatar } from '../ui/avatar';
import { Button, IconButton } from '../ui/button';
import { BackIcon, NoteIcon, PeopleIcon, WaveIcon } from '../ui/icons';
import { Empty, Failure, MessagesSkeleton } from '../ui/state';
import { Composer } from './composer';
import { ErrorText } from './error_words';
import { MessageList } from './message_list';

export function Conversation({ peerId, onLeave }: { peerId: string; onLeave(): void }) {
    const { t } = useTexts();
    const view = useConversation(peerId);
    const [sent, setSent] = useState(0);
    if (view.missing) {
        return (
            <Empty main icon={<PeopleIcon />} title={t('chat.missing.title')} text={t('chat.missing.text')}>
                <Button kind="primary" onClick={onLeave}>
                    {t('chat.missing.back')}
                </Button>
            </Empty>
        );
    }
    const send = (text: string) => {
        view.send(text);
        setSent(sent + 1); // brings the end into view
    };
    const name = nameOf(view, t('people.deleted'));
    return (
        <section className="conversation" aria-label={view.self ? t('chat.label.self') : t('chat.label', { name })}>
            <Head peerId={peerId} view={view} name={name} onLeave={onLeave} />
            <Body view={view} name={name} sent={sent} />
            <Announcer peerId={peerId} name={name} />
            {view.peer?.deleted ? <p className="composer-note">{t('chat.deletedNote')}</p> : <Composer key={peerId} peerId={peerId} self={view.self} onSend={send} />}
        </section>
    );
}

function nameOf({ peer }: ConversationView, deleted: string): string {
    return peer?.deleted ? deleted : (peer?.fullName ?? '');
}

function Head({ peerId, view, name, onLeave }: { peerId: string; view: ConversationView; name: string; onLeave(): void }) {
    const { t } = useTexts();
    const online = useOnline(peerId);
    const peer: User = view.peer ?? { _id: peerId, fullName: '', username: '', profilePic: '' };
    return (
        <header className="conversation-head">
            <IconButton name={t('chat.back')} className="conversation-back" onClick={onLeave}>
                <BackIcon />
            </IconButton>
            {view.peer ? <Avatar user={peer} online={online === true && !view.self} /> : <span className="skeleton skeleton-round" />}
            <div className="conversation-title">
                <h1 dir="auto">
                    {view.peer && (view.self ? t('people.self', { name }) : name)}
                    {!view.peer && (
                        <>
                            {'\u00a0'}
                            <span className="visually-hidden">{t('app.loading')}</span>
                        </>
                    )}
                </h1>
                <p className={online && !view.self ? 'is-online' : ''}>
                    {!view.peer || view.peer.deleted || (online === undefined && !view.self) ? '\u00a0' : view.self ? t('people.selfHint') : t(online ? 'people.online' : 'people.offline')}
                </p>
            </div>
        </header>
    );
}

function Body({ view, name, sent }: { view: ConversationView; name: string; sent: number }) {
    const { t } = useTexts();
    if (view.messages.length > 0) return <MessageList view={view} peerName={name} sent={sent} />;
    if (view.error) {
        return (
            <div className="messages-none">
                <Failure text={<>{t('chat.error')} <ErrorText error={view.error} /></>} onRetry={view.reload} />
            </div>
        );
    }
    if (view.loading || view.older === 'loading') return <MessagesSkeleton />;
    return <Nothing view={view} name={name} />;
}

// A conversation without messages is at its end: the first one that comes is seen.
function Nothing({ view, name }: { view: ConversationView; name: string }) {
    const { t } = useTexts();
    const { setAtEnd } = view;
    useEffect(() => {
        setAtEnd(true);
        return () => setAtEnd(false);
    }, [setAtEnd]);
    return (
        <div className="messages-none">
            {view.self ? (
                <Empty icon={<NoteIcon />} title={t('chat.empty.self.title')} text={t('chat.empty.self.text')} />
            ) : (
                <Empty icon={<WaveIcon />} title={t('chat.empty.title')} text={view.peer?.deleted ? undefined : t('chat.empty.text', { name })} />
            )}
        </div>
    );
}

// Reads new messages of this conversation aloud, without taking the focus: each by itself, or how many there are when they come fast.
function Announcer({ peerId, name }: { peerId: string; name: string }) {
    const { t, tn } = useTexts();
    const [heard, setHeard] = useState<Message[]>([]);
    const [announcements] = useState(() => new Announcements<Message>(setHeard));
    useEffect(() => () => announcements.stop(), [announcements]);
    useLiveMessages(({ message, peerId: from, mine }) => {
        if (from === peerId && !mine) announcements.heard(message);
    });
    const [first] = heard;
    const words = ({ message }: Message) =>
        heard.length === 1 ? t('messages.arrived', { name, text: message.slice(0, 500) }) : tn('messages.arrivedMany', heard.length, { name });
    return (
        <div className="visually-hidden" aria-live="polite" aria-atomic="true">
            {first && <span key={first._id}>{words(first)}</span>}
        </div>
    );
}
