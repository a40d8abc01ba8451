import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistoryPage } from '../api/calls';
import { ApiError } from '../api/http';
import type { Message } from '../api/types';
import { Histories, kKept, kPage } from './histories';
import { kBob, kMe, message, messages } from './testing';
import { show } from './timeline';

// A server with one conversation, whose cursors are the ids.
class FakeHistory {
    stored: Message[] = [];
    reads: { before?: string; after?: string }[] = [];
    down: ApiError | undefined;
    most = Infinity; // messages of a page, however many are asked for: a page is limited in bytes too

    read = async (_: string, limit: number, place: { before?: string; after?: string } = {}): Promise<HistoryPage> => {
        this.reads.push(place);
        const snapshot = [...this.stored];
        await Promise.resolve();
        if (this.down) throw this.down;
        limit = Math.min(limit, this.most);
        const at = (id: string) => snapshot.findIndex(({ _id }) => _id === id);
        if (place.after !== undefined && at(place.after) < 0) throw new ApiError(400, 'Invalid cursor');
        const from = place.after === undefined ? Math.max(0, (place.before === undefined ? snapshot.length : at(place.before)) - limit) : at(place.after) + 1;
        const to = place.before === undefined ? from + limit : at(place.before);
        const page = snapshot.slice(from, to);
        return { messages: page, older: from > 0 ? page[0]?._id : undefined, newer: page[page.length - 1]?._id ?? place.after };
    };
}

let server: FakeHistory;
let online: boolean;
let unread: { count: number; readId: string | null } | undefined;
let histories: Histories;
let foreign: number;

beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeHistory();
    online = true;
    foreign = 0;
    unread = { count: 0, readId: null };
    histories = new Histories({ me: kMe, read: server.read, isOnline: () => online, unread: () => unread, changed: () => {}, failed: () => {}, foreign: () => void foreign++ });
});

afterEach(() => {
    histories.stop();
    vi.useRealTimers();
});

const idle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const shown = () => show(histories.get(kBob).timeline, [], kMe).map(({ text }) => Number(text.slice(5)));
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

async function lose(): Promise<void> {
    online = false;
    histories.lost();
    await idle();
}

async function comeBack(): Promise<void> {
    online = true;
    histories.back();
    await idle();
}

describe('an opened conversation', () => {
    it('shows the newest page, and older ones on demand to the start', async () => {
        server.stored = messages(1, 120);
        histories.open(kBob);
        await idle();
        expect(shown()).toEqual(numbers(71, 120));
        expect(histories.get(kBob).older).toBe('idle');
        for (let pages = 0; pages < 2; pages++) await histories.loadOlder(kBob);
        expect(shown()).toEqual(numbers(1, 120));
        expect(histories.get(kBob).older).toBe('none');
    });

    it('asks for an older page once, however often it is wanted', async () => {
        server.stored = messages(1, 120);
        histories.open(kBob);
        await idle();
        await Promise.all([histories.loadOlder(kBob), histories.loadOlder(kBob), histories.loadOlder(kBob)]);
        expect(shown()).toHaveLength(2 * kPage);
    });

    it('gets everything that was missed, over several pages', async () => {
        server.stored = messages(1, 10);
        histories.open(kBob);
        await idle();
        await lose();
        server.stored = messages(1, 950);
        histories.live(kBob, message(950));
        await comeBack();
        expect(shown()).toEqual(numbers(1, 950));
        expect(histories.get(kBob).timeline.synced).toBe(true);
    });

    it('gets everything that was missed although the pages are shorter than asked for', async () => {
        server.stored = messages(1, 10);
        histories.open(kBob);
        await idle();
        await lose();
        server.stored = messages(1, 40);
        server.most = 11;
        histories.live(kBob, message(41));
        await comeBack();
        expect(shown()).toEqual(numbers(1, 41));
        expect(histories.get(kBob).timeline.synced).toBe(true);
    });

    it('is not taken for complete if the connection was lost while it was read', async () => {
        server.stored = messages(1, 10);
        histories.open(kBob);
        online = false;
        histories.lost();
        await idle();
        expect(histories.get(kBob).timeline.synced).toBe(false);
        server.stored = messages(1, 12);
        await comeBack();
        expect(shown()).toEqual(numbers(1, 12));
    });

    it('is caught up although the connection came back while it was read', async () => {
        server.stored = messages(1, 10);
        histories.open(kBob);
        histories.lost();
        histories.back();
        server.stored = messages(1, 12);
        await idle();
        expect(shown()).toEqual(numbers(1, 12));
        expect(histories.get(kBob).timeline.synced).toBe(true);
    });

    it('is tried again by itself, and tells what is wrong until it comes', async () => {
        server.stored = messages(1, 3);
        server.down = new ApiError(503, 'Later');
        histories.open(kBob);
        await idle();
        expect(histories.get(kBob).error?.status).toBe(503);
        server.down = undefined;
        await idle(2_000);
        expect(histories.get(kBob).error).toBeUndefined();
        expect(shown()).toEqual([1, 2, 3]);
    });

    it('starts again where the server does not know the place any more', async () => {
        server.stored = messages(1, 10);
        histories.open(kBob);
        await idle();
        await lose();
        server.stored = messages(20, 25);
        await comeBack();
        expect(shown()).toEqual(numbers(20, 25));
    });
});

describe('a conversation that is not open', () => {
    it('is not read after a reconnect, but when it is opened again', async () => {
        server.stored = messages(1, 5);
        histories.open(kBob);
        await idle();
        histories.close(kBob);
        await lose();
        server.stored = messages(1, 8);
        const before = server.reads.length;
        await comeBack();
        expect(server.reads).toHaveLength(before);
        histories.open(kBob);
        await idle();
        expect(shown()).toEqual(numbers(1, 8));
    });

    it('costs nothing to open again if nothing was missed', async () => {
        server.stored = messages(1, 5);
        histories.open(kBob);
        await idle();
        histories.close(kBob);
        histories.live(kBob, message(6));
        const before = server.reads.length;
        histories.open(kBob);
        await idle();
        expect(server.reads).toHaveLength(before);
        expect(shown()).toEqual(numbers(1, 6));
    });
});

describe('an answer that is meant for somebody else', () => {
    const kCarol = 'c'.repeat(24);

    it('is not shown, and told of', async () => {
        server.stored = [message(1, kBob, kCarol), message(2, kCarol, kBob)];
        histories.open(kBob);
        await idle();
        expect([shown(), foreign]).toEqual([[], 1]);
        expect(histories.get(kBob).timeline.loaded).toBe(false);
    });

    it('is not taken for an older page either', async () => {
        server.stored = messages(1, 60);
        histories.open(kBob);
        await idle();
        server.stored[0] = message(1, kBob, kCarol);
        await histories.loadOlder(kBob);
        expect([shown(), foreign, histories.get(kBob).older]).toEqual([numbers(11, 60), 1, 'error']);
    });
});

describe('conversations that were open once', () => {
    const peer = (n: number) => n.toString(16).padStart(24, 'd');

    it('are forgotten when there are many, and read again when they are opened', async () => {
        const reads: string[] = [];
        histories = new Histories({
            me: kMe,
            read: async (peerId) => (reads.push(peerId), { messages: [message(1, peerId)] }),
            isOnline: () => true,
            unread: () => unread,
            changed: () => {},
            failed: () => {},
            foreign: () => {},
        });
        const visit = async (n: number) => {
            histories.open(peer(n));
            await idle();
            histories.close(peer(n));
        };
        for (let n = 0; n <= kKept; n++) await visit(n);
        expect(histories.get(peer(0)).timeline.loaded).toBe(false);
        expect(histories.get(peer(1)).timeline.loaded).toBe(true);
        await visit(1);
        await visit(0);
        expect(reads.filter((peerId) => peerId === peer(1))).toHaveLength(1);
        expect(reads.filter((peerId) => peerId === peer(0))).toHaveLength(2);
        expect(histories.get(peer(2)).timeline.loaded).toBe(false);
    });
});

describe('the marker of new messages', () => {
    it('stays where it was when the conversation was opened', async () => {
        server.stored = messages(1, 10);
        unread = { count: 3, readId: null };
        histories.open(kBob);
        await idle();
        expect(histories.get(kBob).firstUnreadId).toBe(message(8)._id);
        unread = { count: 0, readId: message(10)._id };
        histories.live(kBob, message(11));
        expect(histories.get(kBob).firstUnreadId).toBe(message(8)._id);
        histories.close(kBob);
        expect(histories.get(kBob).firstUnreadId).toBeUndefined();
    });

    it('waits for the list of conversations', async () => {
        server.stored = messages(1, 10);
        unread = undefined;
        histories.open(kBob);
        await idle();
        expect(histories.get(kBob).firstUnreadId).toBeUndefined();
        unread = { count: 2, readId: null };
        histories.unreadKnown();
        expect(histories.get(kBob).firstUnreadId).toBe(message(9)._id);
    });

    it('is in the first page, however much is unread', async () => {
        server.stored = messages(1, 200);
        unread = { count: 80, readId: null };
        histories.open(kBob);
        await idle();
        expect(histories.get(kBob).firstUnreadId).toBe(message(121)._id);
        expect(histories.get(kBob).timeline.paged).toHaveLength(90);
    });

    it('is found in an older page if there is more than can be asked for', async () => {
        server.stored = messages(1, 700);
        unread = { count: 540, readId: null };
        histories.open(kBob);
        await idle();
        histories.live(kBob, message(701));
        expect(histories.get(kBob).firstUnreadId).toBeUndefined();
        await histories.loadOlder(kBob);
        expect(histories.get(kBob).firstUnreadId).toBe(message(161)._id);
    });
});
