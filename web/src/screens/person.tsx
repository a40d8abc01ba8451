// One line of the list of people.
import type { MouseEvent, ReactNode } from 'react';
import type { PersonRow } from '../chat/types';
import { useTexts } from '../i18n';
import { Avatar } from '../ui/avatar';
import { fullDate, listTime } from '../ui/dates';
import { ClockIcon } from '../ui/icons';
import { useToday } from '../ui/use_today';
import { conversationPath, navigate } from './route';

interface Props {
    row: PersonRow;
    self: boolean;
    selected: boolean;
    tabIndex: number;
}

export function Person({ row, self, selected, tabIndex }: Props) {
    const { t, tn } = useTexts();
    const { user, online, conversation } = row;
    const path = conversationPath(user._id);
    const unread = conversation?.unreadCount ?? 0;
    const name = user.deleted ? t('people.deleted') : self ? t('people.self', { name: user.fullName }) : user.fullName;
    function open(event: MouseEvent) {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(path);
    }
    return (
        <a className="person" href={path} onClick={open} aria-current={selected ? 'page' : undefined} tabIndex={tabIndex} draggable={false}>
            <Avatar user={user} online={online && !self} />
            <span className="person-main">
                <span className="person-top">
                    <span className="person-name" dir="auto">
                        {name}
                    </span>
                    {online && !self && <span className="visually-hidden">, {t('people.online')}</span>}
                    {conversation && <LastTime at={conversation.lastActivityAt} />}
                </span>
                <span className="person-bottom">
                    <Preview row={row} self={self} selected={selected} />
                    {row.pending && (
                        <span className="person-pending" title={t('people.pending')}>
                            <ClockIcon />
                            <span className="visually-hidden">{t('people.pending')}</span>
                        </span>
                    )}
                    {unread > 0 && (
                        <span className="badge" data-unread={unread}>
                            <span aria-hidden="true">{unread > 999 ? '999+' : unread}</span>
                            <span className="visually-hidden">{tn('people.unread', unread)}</span>
                        </span>
                    )}
                </span>
            </span>
        </a>
    );
}

function LastTime({ at }: { at: string }) {
    const texts = useTexts();
    const today = useToday();
    return (
        <time className="person-time" dateTime={at} title={fullDate(at, texts)}>
            {listTime(at, today, texts)}
        </time>
    );
}

// What stands below a name: the beginning of a draft, the last message, or an invitation.
function Preview({ row, self, selected }: { row: PersonRow; self: boolean; selected: boolean }) {
    const { t } = useTexts();
    if (row.draft?.trim() && !selected) return <Line label={<span className="person-draft">{t('people.draft')}</span>} text={oneLine(row.draft)} />;
    const last = row.conversation?.lastMessage;
    if (!last) return <Line text={self ? t('people.selfHint') : `@${row.user.username}`} />;
    const mine = !self && last.receiverId === row.user._id;
    return <Line label={mine && <span>{t('people.you')}</span>} text={oneLine(last.message)} />;
}

// The label in the direction of the page, the text in its own: each is cut off at its own end.
function Line({ label, text }: { label?: ReactNode; text: string }) {
    return (
        <span className="person-preview">
            {label}{' '}
            <span className="person-text" dir="auto">
                {text}
            </span>
        </span>
    );
}

function oneLine(text: string): string {
    return text.slice(0, 160).replace(/\s+/g, ' ');
}
