// The list of people: conversations by last activity first, then everybody else in the server's order. Pure.
import type { Account, User } from '../api/types';
import { latestFirst, type Conversations } from './conversations';
import type { Pending } from './outbox';
import type { PersonRow } from './types';

export interface PeopleParts {
    me: Account;
    conversations: Conversations | undefined;
    users: readonly User[]; // as far as they are loaded
    online: ReadonlySet<string>;
    drafts: ReadonlyMap<string, string>;
    pending: readonly Pending[];
}

// The caller comes before those without a conversation, unless there are notes to self.
export function peopleRows(parts: PeopleParts): PersonRow[] {
    const row = rowMaker(parts);
    const talked = latestFirst(parts.conversations ?? new Map()).map(({ user }) => row(user));
    const listed = new Set(talked.map(({ user }) => user._id));
    const others = [parts.me as User, ...parts.users].filter(({ _id }) => !listed.has(_id) && listed.add(_id));
    return [...talked, ...others.map(row)];
}

// What the server found, and the caller if the words fit.
export function foundRows(parts: PeopleParts, search: string): PersonRow[] {
    const words = search.trim().toLocaleLowerCase();
    const { me } = parts;
    const self = [me.fullName, me.username].some((name) => name.toLocaleLowerCase().includes(words)) ? [me as User] : [];
    const seen = new Set<string>();
    return [...self, ...parts.users].filter(({ _id }) => !seen.has(_id) && seen.add(_id)).map(rowMaker(parts));
}

function rowMaker({ conversations, online, drafts, pending }: PeopleParts): (user: User) => PersonRow {
    const waiting = new Set(pending.map(({ peerId }) => peerId));
    return (user) => {
        const line = conversations?.get(user._id);
        return {
            user,
            online: online.has(user._id),
            conversation: line && { lastMessage: line.lastMessage, lastActivityAt: line.lastActivityAt, unreadCount: line.unreadCount },
            draft: drafts.get(user._id),
            pending: waiting.has(user._id),
        };
    };
}
