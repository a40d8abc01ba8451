import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Account } from '../api/types';
import type { Store } from '../platform/storage';
import { kPatienceMs, SessionKeeper } from './session';
import { FakeBrowser, kBob, kMe } from './testing';

const account = (_id: string): Account => ({ _id, fullName: _id[0]!, username: _id[0]!, profilePic: '' });
const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

// Requests in the order they were made, answered when the test says so.
let asked: { path: string; answer(response: Response): void }[];
let store: Store;
let session: SessionKeeper;

const answered = () => new Promise((done) => setTimeout(done));
const mine = [`parley:draft:${kMe}:${kBob}`, `parley:outbox:${kMe}:1`];
const texts = () => store.keys('parley:').filter((key) => /draft|outbox/.test(key));
const user = () => session.state.get().user?._id;

async function answer(at: number, response: Response): Promise<void> {
    asked[at]!.answer(response);
    await answered();
}

beforeEach(() => {
    asked = [];
    vi.stubGlobal('BroadcastChannel', undefined);
    vi.stubGlobal('fetch', (path: string) => new Promise<Response>((resolve) => asked.push({ path, answer: resolve })));
    store = new FakeBrowser().tab();
    session = new SessionKeeper(store);
    session.start();
});

afterEach(() => {
    session.stop();
    vi.unstubAllGlobals();
});

describe('a session', () => {
    it('is whoever the server says', async () => {
        await answer(0, json(account(kMe)));
        expect([user(), session.owns(kMe)]).toEqual([kMe, true]);
    });

    it('says after a while that nobody answers, and asks again at once when told to', async () => {
        session.stop();
        vi.useFakeTimers();
        session = new SessionKeeper(store);
        session.start();
        await vi.advanceTimersByTimeAsync(kPatienceMs - 1);
        expect(session.state.get()).toEqual({ phase: 'loading' });
        await vi.advanceTimersByTimeAsync(1);
        expect(session.state.get()).toEqual({ phase: 'loading', unanswered: true });
        session.retryNow();
        asked[1]!.answer(json({ error: 'Busy' }, 503)); // the one that nobody waits for any more
        await vi.advanceTimersByTimeAsync(0);
        expect(asked.length).toBe(3);
        asked[2]!.answer(json(account(kMe)));
        await vi.advanceTimersByTimeAsync(60_000);
        vi.useRealTimers();
        expect([asked.length, session.state.get()]).toEqual([3, { phase: 'signedIn', user: account(kMe) }]);
    });

    it('is not taken back by an old answer', async () => {
        void session.check(); // another tab has signed somebody in while this one is still loading
        await answer(1, json(account(kBob)));
        await answer(0, json(account(kMe)));
        expect(user()).toBe(kBob);
        expect(session.owns(kBob)).toBe(true);
    });

    it('is not ended by an old answer', async () => {
        void session.check();
        await answer(1, json(account(kBob)));
        await answer(0, json({ error: 'Unauthorized - No Token Provided' }, 401));
        expect(session.state.get()).toMatchObject({ phase: 'signedIn', user: { _id: kBob } });
    });

    it('that was signed out is nobody’s, whatever was asked meanwhile', async () => {
        await answer(0, json(account(kMe)));
        const out = session.signOut();
        await answer(1, json(account(kMe)));
        const same = session.check(); // a message waits: is this still the same person?
        await answer(3, json(account(kMe)));
        expect(await same).toBe(true);
        await answer(2, json({ message: 'Logged out successfully' }));
        await out;
        expect(session.state.get()).toEqual({ phase: 'signedOut', notice: undefined });
        expect(session.owns(kMe)).toBe(false);
    });

    it('whose owner agreed leaves nothing unsent in the browser, one that ends by itself does', async () => {
        const others = `parley:draft:${kBob}:${kMe}`;
        for (const key of [...mine, others]) store.set(key, 'text');
        await answer(0, json(account(kMe)));
        session.expire();
        expect(texts()).toEqual([...mine, others]);
        const back = session.signIn({ username: 'me', password: 'secret' });
        await answer(1, json(account(kMe)));
        await back;
        const out = session.signOut(true);
        await answer(2, json(account(kMe)));
        expect(texts()).toEqual([...mine, others]);
        await answer(3, json({ message: 'Logged out successfully' }));
        await out;
        expect(texts()).toEqual([others]);
    });

    it('that is signed out keeps what was written since, of which nobody was asked', async () => {
        await answer(0, json(account(kMe)));
        const out = session.signOut(false);
        store.set(mine[0]!, 'text');
        await answer(1, json(account(kMe)));
        store.set(mine[1]!, 'text');
        await answer(2, json({ message: 'Logged out successfully' }));
        await out;
        expect(session.state.get().phase).toBe('signedOut');
        expect(texts()).toEqual(mine);
    });

    it('whose owner agreed leaves nothing either when it was over already', async () => {
        for (const key of mine) store.set(key, 'text');
        await answer(0, json(account(kMe)));
        const out = session.signOut(true);
        await answer(1, json({ error: 'Unauthorized - Invalid Token' }, 401));
        await out;
        expect(session.state.get().phase).toBe('signedOut');
        expect(texts()).toEqual([]);
    });

    it('does not end somebody else’s log-in, but becomes theirs', async () => {
        await answer(0, json(account(kMe)));
        const out = session.signOut();
        await answer(1, json(account(kBob)));
        await out;
        expect(asked.map(({ path }) => path)).toEqual(['/api/auth/me', '/api/auth/me']);
        expect([user(), session.owns(kBob)]).toEqual([kBob, true]);
    });

    it('goes on when signing out did not get through', async () => {
        await answer(0, json(account(kMe)));
        const out = session.signOut().catch((error: unknown) => error);
        await answer(1, json(account(kMe)));
        await answer(2, json({ error: 'Busy' }, 503));
        expect(await out).toMatchObject({ status: 503 });
        expect([user(), session.owns(kMe)]).toEqual([kMe, true]);
    });
});
