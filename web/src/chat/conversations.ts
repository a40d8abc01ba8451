// The list of conversations as the server sums it up, kept current by events. The state is pure; ConversationList holds it in the query cache.
// What happens while the list is being fetched is applied again to what comes: each change can be applied twice without harm.
import { QueryObserver, type QueryClient } from '@tanstack/react-query';
import type { AccountCalls } from '../api/calls';
import { ApiError } from '../api/http';
import type { Message, ReadMark, Summary, User } from '../api/types';
import { byTime } from './timeline';

export type Conversations = ReadonlyMap<string, Summary>;
export type Change = (list: Conversations) => Conversations;

const kMostUnread = 1000;
const kFirstPage = 100;
const kNextPage = 500;
const kAgainMs = 15_000;

export function peerOf(message: Message, me: string): string | undefined {
    if (message.senderId === me) return message.receiverId;
    return message.receiverId === me ? message.senderId : undefined;
}

// user: the other one, for a conversation that is not in the list yet (left out without it). seen: it arrived before somebody's eyes.
export function withMessage(list: Conversations, message: Message, me: string, user: User | undefined, seen: boolean): Conversations {
    const peer = peerOf(message, me);
    if (!peer) return list;
    const known = list.get(peer);
    if (known && byTime(message, known.lastMessage) <= 0) return list;
    const other = known?.user ?? user;
    if (!other) return list;
    const read = seen || message.senderId === me;
    const unreadCount = read ? 0 : Math.min(kMostUnread, (known?.unreadCount ?? 0) + 1);
    const line = { user: other, lastMessage: message, lastActivityAt: message.createdAt, unreadCount, lastReadMessageId: known?.lastReadMessageId ?? null };
    return new Map(list).set(peer, line);
}

// An event that comes after a later one of its conversation: how many are unread now, only the server can tell.
export function isLate(list: Conversations | undefined, message: Message, me: string): boolean {
    const known = list?.get(peerOf(message, me) ?? '');
    if (!known || byTime(message, known.lastMessage) >= 0) return false;
    return message.senderId !== me || known.unreadCount > 0;
}

export function withMark(list: Conversations, mark: ReadMark): Conversations {
    const known = list.get(mark.userId);
    if (!known || (known.unreadCount === mark.unreadCount && known.lastReadMessageId === mark.lastReadMessageId)) return list;
    return new Map(list).set(mark.userId, { ...known, unreadCount: mark.unreadCount, lastReadMessageId: mark.lastReadMessageId });
}

export function latestFirst(list: Conversations): Summary[] {
    return [...list.values()].sort((a, b) => byTime(b.lastMessage, a.lastMessage));
}

export function unreadTotal(list: Conversations | undefined): number {
    let total = 0;
    for (const { unreadCount } of list?.values() ?? []) total += unreadCount;
    return total;
}

export class ConversationList {
    private readonly key: readonly string[];
    private readonly observer: QueryObserver<Conversations>;
    private readonly recordings = new Set<Change[]>();

    constructor(
        private readonly account: string,
        private readonly queries: QueryClient,
        private readonly calls: Pick<AccountCalls, 'conversations'>,
        private readonly foreign: () => void = () => {}, // the server has answered as to somebody else
    ) {
        this.key = ['conversations', account];
        this.observer = new QueryObserver<Conversations>(queries, {
            queryKey: this.key,
            queryFn: ({ signal }) => this.fetch(signal),
            structuralSharing: false,
            // A list that could not be fetched again is old, and nobody would see it.
            refetchInterval: ({ state }) => state.status === 'error' && kAgainMs,
            refetchIntervalInBackground: true,
        });
    }

    // Undefined until the list has come for the first time.
    readonly get = (): Conversations | undefined => this.queries.getQueryData<Conversations>(this.key);
    // The same, with what went wrong; a new object whenever something changes.
    readonly result = () => this.observer.getCurrentResult();
    readonly subscribe = (listener: () => void): (() => void) => this.observer.subscribe(listener);

    refresh(): void {
        void this.queries.invalidateQueries({ queryKey: this.key });
    }

    apply(change: Change): void {
        for (const recording of this.recordings) recording.push(change);
        const list = this.get();
        if (list) this.queries.setQueryData(this.key, change(list));
    }

    private async fetch(signal: AbortSignal): Promise<Conversations> {
        const recording: Change[] = [];
        this.recordings.add(recording);
        try {
            const list = new Map<string, Summary>();
            let cursor: string | undefined;
            do {
                const page = await this.calls.conversations(cursor ? kNextPage : kFirstPage, cursor, signal);
                if (page.items.some((line) => peerOf(line.lastMessage, this.account) !== line.user._id)) {
                    this.foreign();
                    throw new ApiError(0, '');
                }
                for (const line of page.items) if (!list.has(line.user._id)) list.set(line.user._id, { ...line, user: named(line.user) });
                cursor = page.next;
            } while (cursor);
            return recording.reduce<Conversations>((state, change) => change(state), list);
        } finally {
            this.recordings.delete(recording);
        }
    }
}

const named = (user: User): User => (user.deleted ? { ...user, fullName: '', username: '', profilePic: '' } : user);
