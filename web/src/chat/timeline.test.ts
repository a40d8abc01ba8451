import { describe, expect, it } from 'vitest';
import { kBob, kMe, message, messages } from './testing';
import { firstUnread, kEmptyTimeline, newestShown, reduceTimeline, show, type Timeline, type TimelineEvent } from './timeline';

const run = (events: TimelineEvent[], from: Timeline = kEmptyTimeline) => events.reduce(reduceTimeline, from);
const texts = (state: Timeline) => show(state, [], kMe).map(({ text }) => Number(text.slice(5)));
const range = (first: number, last: number) => messages(first, last).map(({ message: text }) => Number(text.slice(5)));
const live = (n: number, from = kBob): TimelineEvent => ({ type: 'live', message: message(n, from, from === kBob ? kMe : kBob) });
const latest = (first: number, last: number, complete = true): TimelineEvent => ({
    type: 'latest',
    messages: messages(first, last),
    older: first > 1 ? `c${first}` : undefined,
    newer: `c${last}`,
    complete,
});
const newer = (from: number, last: number, complete: boolean): TimelineEvent => ({
    type: 'newer',
    from: `c${from}`,
    messages: messages(from + 1, last),
    newer: `c${last}`,
    complete,
});

describe('a timeline', () => {
    it('puts events into the order of their times, whatever order they come in', () => {
        expect(texts(run([latest(1, 3), live(6), live(4), live(5)]))).toEqual(range(1, 6));
    });

    it('shows a message once, however often and by whatever way it comes', () => {
        expect(texts(run([latest(1, 3), live(3), live(4), live(4), newer(3, 5, true), live(5), live(2)]))).toEqual(range(1, 5));
    });

    it('orders equal times by id', () => {
        const twin = { ...message(5), createdAt: message(4).createdAt };
        expect(texts(run([latest(1, 3), { type: 'live', message: twin }, live(4)]))).toEqual([1, 2, 3, 4, 5]);
    });

    it('takes the order of a page where it disagrees with the times', () => {
        const page = [message(3), message(1), message(2)];
        expect(texts(run([{ type: 'latest', messages: page, newer: 'x', complete: true }]))).toEqual([3, 1, 2]);
        const swapped: TimelineEvent = { type: 'newer', from: 'c2', messages: [message(4), message(3)], newer: 'c4', complete: true };
        expect(texts(run([latest(1, 2), live(3), live(4), swapped]))).toEqual([1, 2, 4, 3]);
    });

    it('keeps what arrives before the first page and shows it after it', () => {
        const before = run([live(9)]);
        expect(texts(before)).toEqual([]);
        expect(texts(run([latest(5, 8)], before))).toEqual(range(5, 9));
    });

    it('does not show what arrived after a loss until the pages between have come', () => {
        const state = run([latest(1, 3), { type: 'lost' }, live(9)]);
        expect(texts(state)).toEqual(range(1, 3));
        const half = run([newer(3, 6, false)], state);
        expect(texts(half)).toEqual(range(1, 6));
        expect(half.synced).toBe(false);
        expect(texts(run([newer(6, 8, true)], half))).toEqual(range(1, 9));
    });

    it('shows an own acknowledged message at once, even if something before it may be missing', () => {
        const state = run([latest(1, 3), { type: 'lost' }, live(8), { type: 'live', message: message(9, kMe, kBob), clientId: 'k' }]);
        expect(texts(state)).toEqual([1, 2, 3, 9]);
        expect(texts(run([newer(3, 9, true)], state))).toEqual(range(1, 9));
    });

    it('goes on from its cursor after events, without doubling them', () => {
        const state = run([latest(1, 3), live(4), live(5), { type: 'lost' }, newer(3, 7, true), live(8)]);
        expect(texts(state)).toEqual(range(1, 8));
        expect(state.newer).toBe('c7');
    });

    it('grows upwards page by page, and ignores a page that was asked for elsewhere', () => {
        const older = (from: string, first: number, last: number): TimelineEvent => ({
            type: 'older',
            from,
            messages: messages(first, last),
            older: first > 1 ? `c${first}` : undefined,
        });
        const state = run([latest(101, 150), older('c101', 51, 100), older('c101', 51, 100), older('c51', 1, 50)]);
        expect(texts(state)).toEqual(range(1, 150));
        expect(state.older).toBeUndefined();
    });

    it('leaves out an event of history that is not loaded', () => {
        expect(texts(run([latest(100, 110), live(7)]))).toEqual(range(100, 110));
    });

    it('starts again from the newest page where its place is not known any more', () => {
        const state = run([latest(1, 3), { type: 'lost' }, live(70), latest(20, 69)]);
        expect(texts(state)).toEqual(range(20, 70));
        expect(state.older).toBe('c20');
    });

    it('begins empty and takes the first message of a conversation', () => {
        const state = run([{ type: 'latest', messages: [], complete: true }, live(1)]);
        expect(texts(state)).toEqual([1]);
        expect(newestShown(state)?._id).toBe(message(1)._id);
    });

    it('comes to the same whatever way events and pages are shuffled', () => {
        let seed = 1;
        const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
        for (let round = 0; round < 200; round++) {
            const events = messages(11, 20).flatMap((one): TimelineEvent[] => Array(1 + Math.floor(random() * 2)).fill({ type: 'live', message: one }));
            events.sort(() => random() - 0.5);
            events.splice(Math.floor(random() * events.length), 0, latest(1, 10 + Math.floor(random() * 5)));
            expect(texts(run(events))).toEqual(range(1, 20));
        }
    });
});

describe('what is shown', () => {
    const pending = { clientId: 'k', peerId: kBob, text: 'text 4', createdAt: message(4).createdAt, order: 1 };
    const sent: TimelineEvent = { type: 'live', message: message(4, kMe, kBob), clientId: 'k' };

    it('has a pending message at the end, which keeps its key when it is acknowledged', () => {
        const state = run([latest(1, 3)]);
        const waiting = show(state, [pending], kMe);
        expect(waiting[3]).toMatchObject({ key: 'k', state: 'sending', mine: true });
        const both = show(run([sent], state), [pending], kMe);
        expect(both).toHaveLength(4);
        expect(both[3]).toMatchObject({ key: 'k', id: message(4)._id, state: 'sent', mine: true });
    });

    it('knows the pending one also if its event came before the answer that names it', () => {
        const state = run([latest(1, 3), live(4, kMe), sent]);
        expect(show(state, [pending], kMe).map(({ key }) => key)).toEqual([...messages(1, 3).map(({ _id }) => _id), 'k']);
    });

    it('keeps the objects of messages that did not change', () => {
        const state = run([latest(1, 3)]);
        const before = show(state, [], kMe);
        const after = show(run([live(4), newer(3, 4, true)], state), [pending], kMe);
        expect(after.slice(0, 3).every((line, at) => line === before[at])).toBe(true);
    });

    it('tells a failed message with the reason', () => {
        const failed = { ...pending, failed: { error: 'User not found', status: 404 } };
        expect(show(run([latest(1, 3)]), [failed], kMe)[3]).toMatchObject({ state: 'failed', error: 'User not found' });
    });
});

describe('the first unread message', () => {
    it('is counted from the end', () => {
        expect(firstUnread(messages(1, 10), kMe, 3, null)).toBe(message(8)._id);
    });

    it('comes after the read mark and after the own last message', () => {
        expect(firstUnread(messages(1, 10), kMe, 9, message(4)._id)).toBe(message(5)._id);
        expect(firstUnread([...messages(1, 3), message(4, kMe, kBob), message(5)], kMe, 2, null)).toBe(message(5)._id);
    });

    it('is not known while it is not among the loaded ones', () => {
        expect(firstUnread(messages(5, 10), kMe, 8, null)).toBeUndefined();
        expect(firstUnread(messages(1, 10), kMe, 0, null)).toBeUndefined();
    });
});
