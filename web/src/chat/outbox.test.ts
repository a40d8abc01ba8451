import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/http';
import type { Message } from '../api/types';
import { backOff, kForeignDelayMs, kRememberedMs, Outbox } from './outbox';
import { FakeBrowser, kBob, kMe, message } from './testing';

const kCarol = 'c'.repeat(24);
const kStart = new Date('2026-01-01T12:00:00Z');

// A server that answers as the test says, and every attempt that reached it.
class FakeServer {
    attempts: { text: string; clientId: string }[] = [];
    answer: (text: string, attempt: number) => Message | ApiError | Promise<Message> = () => message(1, kMe, kBob);

    send = async (_peer: string, text: string, clientId: string): Promise<Message> => {
        this.attempts.push({ text, clientId });
        const answer = await this.answer(text, this.attempts.length);
        if (answer instanceof ApiError) throw answer;
        return answer;
    };

    get texts() {
        return this.attempts.map(({ text }) => text);
    }
}

let browser: FakeBrowser;
let server: FakeServer;
let ids: number;
let open: Outbox[];

function outbox(change: Partial<ConstructorParameters<typeof Outbox>[0]> = {}): Outbox {
    const made = new Outbox({
        account: kMe,
        store: browser.tab(),
        send: server.send,
        sent: () => {},
        refused: async () => true,
        allowed: () => true,
        newId: () => `id${++ids}`,
        random: () => 0,
        ...change,
    });
    made.start();
    open.push(made);
    return made;
}

const idle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const waiting = (box: Outbox) => box.all().map(({ text }) => text);

beforeEach(() => {
    vi.useFakeTimers({ now: kStart });
    browser = new FakeBrowser();
    server = new FakeServer();
    ids = 0;
    open = [];
});

afterEach(() => {
    for (const box of open) box.stop();
    vi.useRealTimers();
});

describe('the outbox', () => {
    it('keeps a message until it is acknowledged, and tells of it first', async () => {
        let done = (_: Message) => {};
        server.answer = () => new Promise((resolve) => (done = resolve));
        const told: string[] = [];
        const box = outbox({ sent: ({ clientId }) => told.push(`${clientId} of ${box.all().length}`) });
        box.add(kBob, 'one');
        expect(browser.values.size).toBe(1);
        await idle();
        expect(waiting(box)).toEqual(['one']);
        done(message(1, kMe, kBob));
        await idle();
        expect(told).toEqual(['id1 of 1']);
        expect(waiting(box)).toEqual([]);
        expect(browser.values.size).toBe(0);
    });

    it('sends the messages of one conversation in order, one after the other', async () => {
        const done: (() => void)[] = [];
        server.answer = () => new Promise((resolve) => done.push(() => resolve(message(1, kMe, kBob))));
        const box = outbox();
        for (const text of ['one', 'two', 'three']) box.add(kBob, text);
        box.add(kCarol, 'hello');
        await idle();
        expect(server.texts).toEqual(['one', 'hello']);
        done[0]!();
        await idle();
        expect(server.texts).toEqual(['one', 'hello', 'two']);
    });

    it('tries again with the same key, and more slowly each time', async () => {
        server.answer = () => new ApiError(0, '');
        const box = outbox();
        box.add(kBob, 'one');
        box.add(kBob, 'two');
        await idle(999);
        expect(server.texts).toEqual(['one']);
        await idle(1);
        expect(server.texts).toEqual(['one', 'one']);
        await idle(2000);
        expect(server.texts).toEqual(['one', 'one', 'one']);
        server.answer = () => message(1, kMe, kBob);
        await idle(4000);
        expect(server.texts).toEqual(['one', 'one', 'one', 'one', 'two']);
        expect(new Set(server.attempts.slice(0, 4).map(({ clientId }) => clientId)).size).toBe(1);
    });

    it('waits a second at first and half a minute at most', () => {
        expect([0, 1, 2, 3, 4, 5, 60].map((tries) => backOff(tries, 0))).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        expect(backOff(9, 1)).toBe(30000);
    });

    it.each([500, 502, 503, 408, 429])('tries again after %i', async (status) => {
        server.answer = (_, attempt) => (attempt === 1 ? new ApiError(status, 'x') : message(1, kMe, kBob));
        const box = outbox();
        box.add(kBob, 'one');
        await idle(1000);
        expect(server.attempts).toHaveLength(2);
        expect(waiting(box)).toEqual([]);
    });

    it.each([400, 404, 409, 413])('fails at once after %i, with the text of the server, and goes on with the next', async (status) => {
        server.answer = (text) => (text === 'bad' ? new ApiError(status, 'No.') : message(1, kMe, kBob));
        const box = outbox();
        box.add(kBob, 'bad');
        box.add(kBob, 'good');
        await idle(60_000);
        expect(server.texts).toEqual(['bad', 'good']);
        expect(box.all()).toMatchObject([{ text: 'bad', failed: { error: 'No.', status } }]);
    });

    it('does not come before the time that the server asked for, not even when woken', async () => {
        server.answer = (_, attempt) => (attempt === 1 ? new ApiError(429, 'Too many', 20) : message(1, kMe, kBob));
        const box = outbox();
        box.add(kBob, 'one');
        await idle(10_000);
        box.wake();
        await idle(9_999);
        expect(server.attempts).toHaveLength(1);
        await idle(1);
        expect(server.attempts).toHaveLength(2);
    });

    it('tries at once when the network is back', async () => {
        server.answer = () => new ApiError(0, '');
        const box = outbox();
        box.add(kBob, 'one');
        await idle(40_000);
        const before = server.attempts.length;
        server.answer = () => message(1, kMe, kBob);
        box.wake();
        await idle();
        expect(server.attempts).toHaveLength(before + 1);
        expect(waiting(box)).toEqual([]);
    });

    it('sends a failed message again when asked to, with its key, in its place', async () => {
        server.answer = () => new ApiError(404, 'User not found');
        const box = outbox();
        box.add(kBob, 'one');
        await idle();
        server.answer = () => message(1, kMe, kBob);
        box.retry('id1');
        await idle();
        expect(server.attempts.map(({ clientId }) => clientId)).toEqual(['id1', 'id1']);
        expect(waiting(box)).toEqual([]);
    });

    it('forgets a message that is discarded', async () => {
        server.answer = () => new ApiError(400, 'No.');
        const box = outbox();
        box.add(kBob, 'one');
        await idle();
        box.discard('id1');
        expect(browser.values.size).toBe(0);
        expect(waiting(box)).toEqual([]);
    });

    it('goes on after a reload, in order', async () => {
        server.answer = () => new ApiError(0, '');
        const first = outbox();
        for (const text of ['one', 'two', 'three']) first.add(kBob, text);
        await idle();
        first.stop();
        server.answer = () => message(1, kMe, kBob);
        const second = outbox();
        expect(waiting(second)).toEqual(['one', 'two', 'three']);
        await idle();
        expect(server.attempts.map(({ clientId }) => clientId)).toEqual(['id1', 'id1', 'id2', 'id3']);
    });

    it('asks before it sends what the server may have forgotten to have', async () => {
        server.answer = () => new ApiError(0, '');
        const first = outbox();
        first.add(kBob, 'tried');
        await idle();
        first.stop();
        outbox({ allowed: () => false }).add(kCarol, 'never tried');
        open.pop()!.stop();
        vi.setSystemTime(kStart.getTime() + kRememberedMs + 60_000);
        server.answer = () => message(1, kMe, kBob);
        server.attempts = [];
        const second = outbox();
        await idle();
        expect(server.texts).toEqual(['never tried']);
        expect(second.all()).toMatchObject([{ text: 'tried', failed: { stale: true } }]);
        second.retry('id1');
        await idle();
        expect(server.texts).toEqual(['never tried', 'tried']);
    });

    it('stops at an expired log-in and loses nothing', async () => {
        server.answer = () => new ApiError(401, 'Unauthorized');
        const refused = vi.fn(async () => false);
        const box = outbox({ refused });
        box.add(kBob, 'one');
        box.add(kCarol, 'two');
        await idle(120_000);
        expect(refused).toHaveBeenCalledTimes(1);
        expect(server.attempts.length).toBeLessThanOrEqual(2);
        expect(box.all().map(({ failed }) => failed)).toEqual([undefined, undefined]);
        expect(browser.values.size).toBe(2);
    });

    it('keeps for its owner what is refused because somebody else has the cookie', async () => {
        server.answer = () => new ApiError(412, 'Signed in as somebody else');
        let back = false;
        const box = outbox({ refused: async () => back });
        box.add(kBob, 'one');
        await idle(120_000);
        expect(server.attempts.length).toBe(1);
        expect(box.all().map(({ failed }) => failed)).toEqual([undefined]);
        box.stop();
        back = true;
        server.answer = () => message(1, kMe, kBob);
        outbox();
        await idle();
        expect(server.texts).toEqual(['one', 'one']);
        expect(browser.values.size).toBe(0);
    });

    it('keeps what is refused because its own account is gone, and fails what was for one that is', async () => {
        server.answer = () => new ApiError(404, 'User not found');
        let same = false;
        const box = outbox({ refused: async () => same });
        box.add(kBob, 'one');
        await idle();
        expect(box.all().map(({ failed }) => failed)).toEqual([undefined]);
        same = true;
        box.wake();
        await idle();
        expect(box.all().map(({ failed }) => failed?.error)).toEqual(['User not found']);
    });

    it('does not send, nor ask without end, while another account is signed in', async () => {
        const refused = vi.fn(async () => true);
        const box = outbox({ allowed: () => false, refused });
        box.add(kBob, 'one');
        await idle(60_000);
        expect(server.attempts).toEqual([]);
        expect(refused.mock.calls.length).toBeLessThan(10);
    });

    it('is never seen by another account', async () => {
        server.answer = () => new ApiError(0, '');
        outbox().add(kBob, 'secret');
        expect(outbox({ account: kCarol }).all()).toEqual([]);
    });

    it('keeps messages of a full storage until the page is closed', async () => {
        browser.full = true;
        server.answer = (_, attempt) => (attempt === 1 ? new ApiError(0, '') : new ApiError(400, 'No.'));
        const box = outbox();
        box.add(kBob, 'one');
        await idle(1000);
        expect(box.all()).toMatchObject([{ text: 'one', failed: { error: 'No.' } }]);
    });

    it('ends a pause by itself, also if something was written during it', async () => {
        let mine = false;
        const box = outbox({ allowed: () => mine, refused: async () => true });
        box.add(kBob, 'one');
        await idle();
        mine = true;
        box.add(kBob, 'two');
        await idle(60_000);
        expect(server.texts).toEqual(['one', 'two']);
    });

    it('does not wait for a clock that was set back', async () => {
        server.answer = (_, attempt) => (attempt === 1 ? new ApiError(0, '') : message(1, kMe, kBob));
        const box = outbox();
        box.add(kBob, 'one');
        await idle();
        vi.setSystemTime(new Date(kStart.getTime() - 365 * 86_400_000));
        await idle(60_000);
        expect([server.attempts.length, waiting(box)]).toEqual([2, []]);
    });
});

describe('the outbox in several tabs', () => {
    it('shows the message in all of them, and one of them sends it', async () => {
        let done = (_: Message) => {};
        server.answer = () => new Promise((resolve) => (done = resolve));
        const [first, second] = [outbox(), outbox()];
        first.add(kBob, 'one');
        await idle(kForeignDelayMs - 1);
        expect(waiting(second)).toEqual(['one']);
        expect(server.attempts).toHaveLength(1);
        done(message(1, kMe, kBob));
        await idle(60_000);
        expect([waiting(first), waiting(second)]).toEqual([[], []]);
        expect(server.attempts).toHaveLength(1);
    });

    it('another tab sends what its writer left, with the same key', async () => {
        const [first, second] = [outbox(), outbox()];
        server.answer = () => new ApiError(0, '');
        first.add(kBob, 'one');
        await idle();
        first.stop();
        server.answer = () => message(1, kMe, kBob);
        await idle(kForeignDelayMs);
        expect(server.attempts.map(({ clientId }) => clientId)).toEqual(['id1', 'id1']);
        expect(waiting(second)).toEqual([]);
    });

    it('a later message of another tab waits for the earlier one', async () => {
        const [first, second] = [outbox(), outbox()];
        server.answer = () => new ApiError(0, '');
        first.add(kBob, 'one');
        second.add(kBob, 'two');
        await idle(3_000);
        expect(new Set(server.texts)).toEqual(new Set(['one']));
        server.answer = () => message(1, kMe, kBob);
        await idle(60_000);
        expect([waiting(first), waiting(second)]).toEqual([[], []]);
        expect(server.texts).toContain('two');
    });

    it('does not bring back what another tab has settled while it was refused here', async () => {
        let done = (_: ApiError) => {};
        server.answer = () => new Promise((_, reject) => (done = reject));
        const first = outbox();
        first.add(kBob, 'one');
        await idle();
        browser.values.clear(); // as another tab does, whose word has not come yet
        done(new ApiError(400, 'No.'));
        await idle(60_000);
        expect([waiting(first), browser.values.size]).toEqual([[], 0]);
    });

    it('shows a failure and its retry in the other tabs', async () => {
        server.answer = () => new ApiError(404, 'User not found');
        const [first, second] = [outbox(), outbox()];
        first.add(kBob, 'one');
        await idle();
        expect(second.all()).toMatchObject([{ failed: { error: 'User not found' } }]);
        server.answer = () => new ApiError(0, '');
        second.retry('id1');
        expect(first.all()[0]?.failed).toBeUndefined();
    });
});
