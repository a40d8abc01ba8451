import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, kLongestWaitS, kTimeoutMs, request } from './http';

async function refusal(response: Response): Promise<ApiError> {
    vi.stubGlobal('fetch', async () => response);
    return request('/api/x').then(
        () => Promise.reject(new Error('was answered')),
        (error) => error as ApiError,
    );
}

const limited = (retryAfter?: string) => new Response('{"error":"Slow down"}', { status: 429, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });

afterEach(() => vi.unstubAllGlobals());

describe('a refused request', () => {
    it('tells the status, the sentence and how long to wait', async () => {
        expect(await refusal(limited('7'))).toMatchObject({ status: 429, message: 'Slow down', retryAfter: 7 });
    });

    it('knows no wait where there is none, or one that it cannot read', async () => {
        for (const header of [undefined, '-1', 'soon', 'Wed, 21 Oct 2026 07:28:00 GMT']) expect((await refusal(limited(header))).retryAfter).toBeUndefined();
    });

    it('does not wait for ever', async () => {
        for (const header of ['3000000', '1e300', '9'.repeat(40)]) expect((await refusal(limited(header))).retryAfter).toBe(kLongestWaitS);
    });

    it('takes a page that claims success for no answer', async () => {
        expect(await refusal(new Response('<html>', { status: 200 }))).toMatchObject({ status: 0 });
        expect(await refusal(new Response('<html>', { status: 502 }))).toMatchObject({ status: 502, message: '' });
    });

    it('believes the server alone that something is not there', async () => {
        expect(await refusal(new Response('404 page not found', { status: 404 }))).toMatchObject({ status: 0 });
        expect(await refusal(new Response('{"error":"User not found"}', { status: 404 }))).toMatchObject({ status: 404, message: 'User not found' });
    });
});

// A server that answers in parts: each of them `everyMs` after the one before, the head at once. Runs until the request is cancelled.
function answersSlowly(parts: Uint8Array[], everyMs: number) {
    vi.stubGlobal('fetch', async (_: string, { signal }: RequestInit) => {
        const body = new ReadableStream<Uint8Array>({
            async pull(stream) {
                const next = parts.shift();
                await new Promise((resolve, reject) => {
                    signal!.addEventListener('abort', () => reject(signal!.reason as Error));
                    setTimeout(resolve, everyMs);
                });
                if (next) stream.enqueue(next);
                else stream.close();
            },
        });
        return new Response(body, { status: 200 });
    });
}

describe('a slow answer', () => {
    const words = 'ü'.repeat(20);
    const bytes = new TextEncoder().encode(JSON.stringify(words));
    const parts = () => Array.from(bytes, (_, at) => bytes.slice(at, at + 1)); // letters in halves

    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    const outcome = () =>
        request('/api/x').then(
            ({ data }) => data,
            (error: ApiError) => error.status,
        );

    it('is waited for as long as something comes', async () => {
        answersSlowly(parts(), kTimeoutMs - 1000);
        const answer = outcome();
        await vi.advanceTimersByTimeAsync(100 * kTimeoutMs);
        expect(await answer).toBe(words);
    });

    it('is given up when nothing has come for a while', async () => {
        answersSlowly(parts(), kTimeoutMs + 1000);
        const answer = outcome();
        await vi.advanceTimersByTimeAsync(kTimeoutMs);
        expect(await answer).toBe(0);
        expect(vi.getTimerCount()).toBeLessThan(2); // of this server
    });

    it('has longer to begin when there is much to send', async () => {
        const after = (ms: number) => (_: string, { signal }: RequestInit) =>
            new Promise<Response>((resolve, reject) => {
                signal!.addEventListener('abort', () => reject(signal!.reason as Error));
                setTimeout(() => resolve(new Response('1')), ms);
            });
        vi.stubGlobal('fetch', after(100_000));
        const asked = [{ message: 'x'.repeat(90_000) }, { message: 'x' }].map((body) =>
            request('/api/x', { method: 'POST', body }).then(
                () => 'answered',
                () => 'given up',
            ),
        );
        await vi.advanceTimersByTimeAsync(100_000);
        expect(await Promise.all(asked)).toEqual(['answered', 'given up']);
    });
});
