import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, kLongestWaitS, request } from './http';

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
});
