// One message: what stands above it (a day, the marker), its bubble, its state, and its menu.
import * as Menu from '@radix-ui/react-dropdown-menu';
import { memo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { TimelineMessage } from '../chat/types';
import { useTexts } from '../i18n';
import type { Bubble } from '../ui/bubbles';
import { clock, dayLabel, fullDate } from '../ui/dates';
import { AlertIcon, CheckIcon, ClockIcon, CopyIcon, MoreIcon, RetryIcon, TrashIcon } from '../ui/icons';
import { MessageText } from '../ui/message_text';
import { useToast } from '../ui/toast';
import { useToday } from '../ui/use_today';

interface Props {
    bubble: Bubble;
    peerName: string;
    position: number;
    size: number; // of the list, -1 if not known
    stop: boolean; // the Tab key stops here
    onRetry(clientId: string): void;
    onDiscard(clientId: string): void;
}

const kSpokenChars = 600;

export const MessageRow = memo(function MessageRow({ bubble, peerName, position, size, stop, onRetry, onDiscard }: Props) {
    const texts = useTexts();
    const { t } = texts;
    const { message, newDay, newMessages, first, last } = bubble;
    const row = useRef<HTMLDivElement>(null);
    const [menu, setMenu] = useState<false | 'keys' | 'pointer'>(false);
    const time = clock(message.createdAt, texts);
    const state = message.mine && message.state !== 'sent' ? ` (${t(`messages.state.${message.state}`)})` : '';
    const name = t('messages.name', { name: message.mine ? t('messages.you') : peerName, time, text: message.text.slice(0, kSpokenChars) }) + state;
    const failed = message.state === 'failed';

    function keys(event: KeyboardEvent) {
        if (event.target !== row.current || (event.key !== 'Enter' && event.key !== 'ContextMenu')) return;
        event.preventDefault();
        setMenu('keys');
    }
    // The browser's own menu stays for links and for selected text.
    function contextMenu(event: MouseEvent) {
        if ((event.target as HTMLElement).closest('a') || !window.getSelection()?.isCollapsed) return;
        event.preventDefault();
        setMenu('pointer');
    }

    return (
        <>
            {newDay && <Day of={message.createdAt} />}
            {newMessages && (
                <div className="new-marker" role="presentation">
                    <span>{t('messages.unread')}</span>
                </div>
            )}
            <div
                ref={row}
                className={`message ${message.mine ? 'message-mine' : ''} ${first ? 'message-first' : ''} ${last ? 'message-last' : ''}`}
                role="listitem"
                aria-label={name}
                aria-posinset={position}
                aria-setsize={size}
                tabIndex={stop ? 0 : -1}
                data-key={message.key}
                data-message-id={message.id}
                data-state={message.state}
                data-mine={message.mine}
                onKeyDown={keys}
            >
                <div className="bubble-line">
                    <div className="bubble" onContextMenu={contextMenu}>
                        <MessageText text={message.text} />
                        <span className="message-meta">
                            <time dateTime={message.createdAt} title={fullDate(message.createdAt, texts)}>
                                {time}
                            </time>
                            {message.mine && <StateIcon state={message.state} />}
                        </span>
                    </div>
                    <MessageMenu
                        message={message}
                        open={menu}
                        onOpen={(open) => setMenu(open && 'pointer')}
                        onRetry={onRetry}
                        onDiscard={onDiscard}
                        giveBack={() => row.current?.focus({ preventScroll: true })}
                    />
                </div>
                {failed && message.clientId && <Failed message={message} onRetry={onRetry} onDiscard={onDiscard} />}
            </div>
        </>
    );
});

function Day({ of }: { of: string }) {
    const texts = useTexts();
    const today = useToday();
    return (
        <div className="day" role="presentation">
            <span>{dayLabel(of, today, texts)}</span>
        </div>
    );
}

function StateIcon({ state }: { state: TimelineMessage['state'] }) {
    const { t } = useTexts();
    return (
        <span className="message-state" title={t(`messages.state.${state}`)}>
            {state === 'sending' ? <ClockIcon /> : state === 'failed' ? <AlertIcon /> : <CheckIcon />}
            <span className="visually-hidden">{t(`messages.state.${state}`)}</span>
        </span>
    );
}

type Actions = Pick<Props, 'onRetry' | 'onDiscard'>;

function Failed({ message, onRetry, onDiscard }: { message: TimelineMessage } & Actions) {
    const { t } = useTexts();
    return (
        <div className="message-failed">
            <span>{message.stale ? t('messages.stale') : (message.error ?? t('messages.failed'))}</span>
            <button type="button" onClick={() => onRetry(message.clientId!)}>
                {t('messages.retry')}
            </button>
            <button type="button" onClick={() => onDiscard(message.clientId!)}>
                {t('messages.discard')}
            </button>
        </div>
    );
}

interface MenuProps extends Actions {
    message: TimelineMessage;
    open: false | 'keys' | 'pointer'; // by what it was opened
    onOpen(open: boolean): void;
    giveBack(): void; // the focus, when the menu closes
}

function MessageMenu({ message, open, onOpen, onRetry, onDiscard, giveBack }: MenuProps) {
    const { t } = useTexts();
    const copy = useCopy();
    // The button is not a stop of the Tab key: the row is, and opens the menu with Enter.
    const button = (
        <button type="button" className="bubble-menu" tabIndex={-1} aria-label={t('messages.menu')} onClick={open ? undefined : () => onOpen(true)}>
            <MoreIcon />
        </button>
    );
    if (!open) return button;
    return (
        <Menu.Root open onOpenChange={onOpen} modal={false}>
            <Menu.Trigger asChild>{button}</Menu.Trigger>
            <Menu.Portal container={document.querySelector<HTMLElement>('main')}>
                <Menu.Content
                    className="menu"
                    align="end"
                    sideOffset={4}
                    collisionPadding={8}
                    onCloseAutoFocus={(event) => {
                        event.preventDefault();
                        giveBack();
                    }}
                >
                    {/* The menu is mounted as it opens, too late to know by what: the first item is for those with a keyboard. */}
                    <Menu.Item ref={open === 'keys' ? focus : undefined} className="menu-item" onSelect={() => void copy(message.text)}>
                        <CopyIcon /> {t('messages.copy')}
                    </Menu.Item>
                    {message.state === 'failed' && message.clientId && (
                        <>
                            <Menu.Item className="menu-item" onSelect={() => onRetry(message.clientId!)}>
                                <RetryIcon /> {t('messages.retry')}
                            </Menu.Item>
                            <Menu.Item className="menu-item menu-danger" onSelect={() => onDiscard(message.clientId!)}>
                                <TrashIcon /> {t('messages.discard')}
                            </Menu.Item>
                        </>
                    )}
                </Menu.Content>
            </Menu.Portal>
        </Menu.Root>
    );
}

function focus(element: HTMLElement | null) {
    element?.focus({ preventScroll: true });
}

// Over plain http there is no clipboard but the old one.
function useCopy() {
    const { t } = useTexts();
    const toast = useToast();
    return async (text: string) => {
        try {
            if (navigator.clipboard) await navigator.clipboard.writeText(text);
            else if (!copyByHand(text)) throw new Error('refused');
            toast(t('messages.copied'));
        } catch {
            toast(t('messages.copyFailed'));
        }
    };
}

function copyByHand(text: string): boolean {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
}
