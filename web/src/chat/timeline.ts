// The messages of one conversation, out of pages, live events and one's own acknowledged sends, whatever their order and however often they come. Pure.
//
// paged: a part of the stored history without gaps, in the server's order. live: what arrived since, following on it without a gap, by (createdAt, _id).
// held: what arrived while something before it may be missing (`synced` is false): not shown, so that a gap never looks like none, until pages have closed it.
// Invariants: an _id is in at most one of the three; an object once shown is kept for its _id.
import type { Message } from '../api/types';
import type { Pending } from './outbox';
import type { TimelineMessage } from './types';

export interface Timeline {
    paged: readonly Message[];
    live: readonly Message[];
    held: readonly Message[];
    loaded: boolean; // the newest page came once
    synced: boolean;
    older?: string; // cursors of the history on either side of `paged`
    newer?: string;
    keys: ReadonlyMap<string, string>; // _id -> clientId of own messages that were pending here
}

// latest: the newest page, when nothing is known or what is known shall be dropped. older, newer: the page after the cursor `from`. complete: nothing newer was
// stored when it was asked for, and live events have arrived since then. lost: from now on events may be missed.
export type TimelineEvent =
    | { type: 'latest'; messages: Message[]; older?: string; newer?: string; complete: boolean }
    | { type: 'older'; from: string; messages: Message[]; older?: string }
    | { type: 'newer'; from: string; messages: Message[]; newer?: string; complete: boolean }
    | { type: 'live'; message: Message; clientId?: string }
    | { type: 'lost' };

export const kEmptyTimeline: Timeline = { paged: [], live: [], held: [], loaded: false, synced: false, keys: new Map() };

export function byTime(a: Message, b: Message): number {
    if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
    return a._id === b._id ? 0 : a._id < b._id ? -1 : 1;
}

export function reduceTimeline(state: Timeline, event: TimelineEvent): Timeline {
    switch (event.type) {
        case 'latest':
            return takeLatest(state, event);
        case 'older':
            return takeOlder(state, event);
        case 'newer':
            return takeNewer(state, event);
        case 'live':
            return takeLive(state, event.message, event.clientId);
        case 'lost':
            return state.synced ? { ...state, synced: false } : state;
    }
}

function takeLatest(state: Timeline, event: Extract<TimelineEvent, { type: 'latest' }>): Timeline {
    const paged = sameObjects(state, event.messages);
    const ids = idsOf(paged);
    // What was shown before cannot be placed any more, except what is newer than the page.
    const last = paged[paged.length - 1];
    const rest = [...state.live, ...state.held].filter((message) => !ids.has(message._id) && (!last || byTime(message, last) > 0));
    return settle({ ...state, paged, live: [], held: rest, loaded: true, older: event.older, newer: event.newer }, event.complete);
}

function takeOlder(state: Timeline, event: Extract<TimelineEvent, { type: 'older' }>): Timeline {
    if (event.from !== state.older) return state;
    const page = sameObjects(state, event.messages);
    const ids = idsOf(page);
    const without = (messages: readonly Message[]) => messages.filter((message) => !ids.has(message._id));
    return { ...state, paged: [...page, ...without(state.paged)], live: without(state.live), held: without(state.held), older: event.older };
}

function takeNewer(state: Timeline, event: Extract<TimelineEvent, { type: 'newer' }>): Timeline {
    if (event.from !== state.newer) return state;
    const known = idsOf(state.paged);
    const page = sameObjects(state, event.messages).filter((message) => !known.has(message._id));
    const ids = idsOf(page);
    const without = (messages: readonly Message[]) => messages.filter((message) => !ids.has(message._id));
    const next = { ...state, paged: [...state.paged, ...page], live: without(state.live), held: without(state.held), newer: event.newer ?? state.newer };
    return settle(next, event.complete);
}

// Once nothing can be missing, what was held back follows on.
function settle(state: Timeline, complete: boolean): Timeline {
    if (!complete) return { ...state, synced: false };
    return { ...state, live: [...state.live, ...state.held].sort(byTime), held: [], synced: true };
}

function takeLive(state: Timeline, message: Message, clientId?: string): Timeline {
    const keyed = clientId && !state.keys.has(message._id) ? { ...state, keys: new Map(state.keys).set(message._id, clientId) } : state;
    if (find(state, message._id)) return keyed;
    const first = state.paged[0];
    // Of a part of the history that is not loaded: it comes with its page.
    if (first && state.older && message.createdAt < first.createdAt) return keyed;
    const place = state.synced ? 'live' : 'held';
    return { ...keyed, [place]: insert(state[place], message) };
}

function insert(sorted: readonly Message[], message: Message): Message[] {
    let at = sorted.length;
    while (at > 0 && byTime(sorted[at - 1]!, message) > 0) at--;
    return [...sorted.slice(0, at), message, ...sorted.slice(at)];
}

const idsOf = (messages: readonly Message[]) => new Set(messages.map((message) => message._id));

function find(state: Timeline, id: string): Message | undefined {
    for (const part of [state.live, state.held, state.paged])
        for (let at = part.length - 1; at >= 0; at--) if (part[at]!._id === id) return part[at];
    return undefined;
}

function sameObjects(state: Timeline, page: readonly Message[]): Message[] {
    const known = new Map([...state.paged, ...state.live, ...state.held].map((message) => [message._id, message]));
    const seen = new Set<string>();
    return page.filter(({ _id }) => !seen.has(_id) && seen.add(_id)).map((message) => known.get(message._id) ?? message);
}

// The newest message after which nothing that is known is missing; a read mark may be set on it.
export function newestShown(state: Timeline): Message | undefined {
    return state.live[state.live.length - 1] ?? state.paged[state.paged.length - 1];
}

const lines = new WeakMap<Message, TimelineMessage>();

// What is shown: the history, one's own acknowledged messages, then the pending ones. Unchanged messages stay the same objects.
export function show(state: Timeline, pending: readonly Pending[], me: string): TimelineMessage[] {
    const own = state.held.filter((message) => message.senderId === me && state.keys.has(message._id));
    const settled = new Set(state.keys.values());
    const sent = [...state.paged, ...state.live, ...own].map((message) => line(message, me, state.keys.get(message._id)));
    return [...sent, ...pending.filter(({ clientId }) => !settled.has(clientId)).map(pendingLine)];
}

function line(message: Message, me: string, clientId?: string): TimelineMessage {
    const known = lines.get(message);
    if (known && known.clientId === clientId) return known;
    const made: TimelineMessage = {
        key: clientId ?? message._id,
        id: message._id,
        clientId,
        mine: message.senderId === me,
        text: message.message,
        createdAt: message.createdAt,
        state: 'sent',
    };
    lines.set(message, made);
    return made;
}

function pendingLine(pending: Pending): TimelineMessage {
    const { clientId, text, createdAt, failed } = pending;
    return { key: clientId, clientId, mine: true, text, createdAt, state: failed ? 'failed' : 'sending', error: failed?.error || undefined, stale: failed?.stale };
}

// The first message that was unread when `unread` of them were and `readId` was the read mark: undefined if it is not among these (which end where the
// conversation ended then), or there is none.
export function firstUnread(messages: readonly Message[], me: string, unread: number, readId: string | null): string | undefined {
    let found: string | undefined;
    for (let at = messages.length - 1, left = unread; at >= 0 && left > 0; at--) {
        const message = messages[at]!;
        if (message.senderId === me || message._id === readId) return found;
        found = message._id;
        if (--left === 0) return found;
    }
    return undefined;
}
