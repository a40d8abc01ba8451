import { environmentManager, QueryClient } from '@tanstack/react-query';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AccountCalls } from '../api/calls';
import type { Summary, User } from '../api/types';
import { ConversationList, isLate, latestFirst, unreadTotal, withMark, withMessage, type Conversations } from './conversations';
import { kBob, kMe, message } from './testing';

const bob: User = { _id: kBob, fullName: 'Bob', username: 'bob', profilePic: '' };
const line = (n: number, unreadCount: number): Summary => ({
    user: bob,
    lastMessage: message(n),
    lastActivityAt: message(n).createdAt,
    unreadCount,
    lastReadMessageId: null,
});
const list = (n: number, unread: number): Conversations => new Map([[kBob, line(n, unread)]]);

afterEach(() => vi.unstubAllGlobals());

describe('the list of conversations', () => {
    it('counts a new message of the other one, once', () => {
        const once = withMessage(list(1, 2), message(2), kMe, undefined, false);
        expect(once.get(kBob)).toMatchObject({ unreadCount: 3, lastMessage: { _id: message(2)._id } });
        expect(withMessage(once, message(2), kMe, undefined, false)).toBe(once);
        expect(withMessage(once, message(1), kMe, undefined, false)).toBe(once);
    });

    it('counts nothing that is seen, or answered', () => {
        expect(unreadTotal(withMessage(list(1, 2), message(2), kMe, undefined, true))).toBe(0);
        expect(unreadTotal(withMessage(list(1, 2), message(2, kMe, kBob), kMe, undefined, false))).toBe(0);
    });

    it('knows when it cannot tell how many are unread: after an event that comes late', () => {
        expect(isLate(list(2, 1), message(1), kMe)).toBe(true);
        expect(isLate(list(2, 1), message(1, kMe, kBob), kMe)).toBe(true);
        expect(isLate(list(2, 0), message(1, kMe, kBob), kMe)).toBe(false);
        expect(isLate(list(2, 1), message(2), kMe)).toBe(false);
        expect(isLate(list(2, 1), message(3), kMe)).toBe(false);
        expect(isLate(undefined, message(1), kMe)).toBe(false);
    });

    it('takes somebody new once it is known who that is', () => {
        expect(withMessage(new Map(), message(1), kMe, undefined, false).size).toBe(0);
        expect(latestFirst(withMessage(new Map(), message(1), kMe, bob, false))).toMatchObject([{ user: bob, unreadCount: 1 }]);
    });

    it('leaves alone what is between two others', () => {
        const before = list(1, 0);
        expect(withMessage(before, message(2, kBob, 'c'.repeat(24)), kMe, bob, false)).toBe(before);
    });

    it('follows read marks of other tabs', () => {
        const mark = { userId: kBob, lastReadMessageId: message(1)._id, unreadCount: 0 };
        expect(withMark(list(1, 5), mark).get(kBob)).toMatchObject({ unreadCount: 0, lastReadMessageId: message(1)._id });
    });

    it('loses nothing that happens while it is being fetched, and counts nothing twice', async () => {
        let answer = (_: Response) => {};
        vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)));
        const conversations = new ConversationList(kMe, new QueryClient(), new AccountCalls(kMe));
        const stop = conversations.subscribe(() => {});
        for (const n of [5, 6]) conversations.apply((state) => withMessage(state, message(n), kMe, bob, false));
        answer(new Response(JSON.stringify([line(5, 1)])));
        await vi.waitFor(() => expect(conversations.get()?.get(kBob)).toMatchObject({ unreadCount: 2, lastMessage: { _id: message(6)._id } }));
        stop();
    });

    it('takes nothing that is another account’s', async () => {
        vi.stubGlobal('fetch', async () => new Response(JSON.stringify([line(5, 1)])));
        let told = 0;
        const conversations = new ConversationList('c'.repeat(24), new QueryClient({ defaultOptions: { queries: { retry: false } } }), new AccountCalls(kMe), () => told++);
        const stop = conversations.subscribe(() => {});
        await vi.waitFor(() => expect(conversations.result().isError).toBe(true));
        expect([told, conversations.get()]).toEqual([1, undefined]);
        stop();
    });

    it('is asked for again by itself when it could not be had', async () => {
        environmentManager.setIsServer(() => false);
        vi.useFakeTimers();
        let up = false;
        vi.stubGlobal('fetch', async () => (up ? new Response(JSON.stringify([line(5, 1)])) : new Response('{"error":"Too many"}', { status: 429 })));
        const conversations = new ConversationList(kMe, new QueryClient({ defaultOptions: { queries: { retry: false } } }), new AccountCalls(kMe));
        const stop = conversations.subscribe(() => {});
        await vi.advanceTimersByTimeAsync(1_000);
        expect(conversations.result().isError).toBe(true);
        up = true;
        await vi.advanceTimersByTimeAsync(20_000);
        expect(conversations.get()?.size).toBe(1);
        const fetched = conversations.result().dataUpdatedAt;
        await vi.advanceTimersByTimeAsync(60_000);
        expect(conversations.result().dataUpdatedAt).toBe(fetched);
        stop();
        vi.useRealTimers();
    });
});
