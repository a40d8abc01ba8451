import { afterEach, describe, expect, it, vi } from 'vitest';
import { AccountCalls } from './calls';

const kMe = 'a'.repeat(24);
const kBob = 'b'.repeat(24);

let expected: (string | undefined)[];
let doubts: number;

function answering(status: number, body: unknown): AccountCalls {
    expected = [];
    doubts = 0;
    vi.stubGlobal('fetch', async (_: string, { headers }: { headers: Record<string, string> }) => {
        expected.push(headers['X-Expected-User']);
        return new Response(JSON.stringify(body), { status });
    });
    return new AccountCalls(kMe, () => doubts++);
}

const all = (calls: AccountCalls): (() => Promise<unknown>)[] => [
    () => calls.users(10),
    () => calls.user(kBob),
    () => calls.conversations(10),
    () => calls.history(kBob, 10),
    () => calls.send(kBob, 'text', 'id'),
    () => calls.markRead(kBob, '1'),
];

afterEach(() => vi.unstubAllGlobals());

describe('what an account asks', () => {
    it('says whose it is', async () => {
        for (const call of all(answering(200, []))) await call();
        expect(expected).toEqual(Array(6).fill(kMe));
        expect(doubts).toBe(0);
    });

    it('makes it ask who it is when the cookie is somebody else’s', async () => {
        for (const call of all(answering(412, { error: 'Signed in as somebody else' }))) await expect(call()).rejects.toMatchObject({ status: 412 });
        expect(doubts).toBe(6);
    });

    it('makes it ask whether it still exists when somebody does not', async () => {
        for (const call of all(answering(404, { error: 'User not found' }))) await expect(call()).rejects.toMatchObject({ status: 404 });
        expect(doubts).toBe(6);
    });
});
