// One door to REST: JSON in, JSON out, a limit to how long nothing may come, and one kind of error.

// status 0: no answer came (network, time-out). retryAfter: seconds, of 429 and 503, an hour at most. message: the server's sentence, or '' if it gave none.
export class ApiError extends Error {
    constructor(
        readonly status: number,
        message: string,
        readonly retryAfter?: number,
    ) {
        super(message);
        this.name = 'ApiError';
    }
}

export interface Answer<T> {
    data: T;
    headers: Headers;
}

export interface Ask {
    method?: 'GET' | 'POST' | 'PUT';
    body?: unknown;
    headers?: Record<string, string>;
    keepalive?: boolean; // goes on when the page is closed; for small bodies
    signal?: AbortSignal;
}

export const kTimeoutMs = 20_000; // without a byte of the answer
const kSlowestUpload = 1; // characters of a body a millisecond: a browser does not tell how much of it has gone
export const kLongestWaitS = 3600; // whatever a server asks for; a browser's timer overflows after 25 days and then does not wait at all

// Throws ApiError whenever the answer is no 2xx with JSON. Cookies go along because the page and the API are of one origin.
export async function request<T>(path: string, ask: Ask = {}): Promise<Answer<T>> {
    const abort = new AbortController();
    const body = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (extra = 0) => {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), kTimeoutMs + extra);
    };
    wait((body?.length ?? 0) / kSlowestUpload);
    const cancel = () => abort.abort();
    ask.signal?.addEventListener('abort', cancel);
    if (ask.signal?.aborted) abort.abort();
    try {
        const response = await fetch(path, {
            method: ask.method ?? 'GET',
            headers: { ...(ask.method && ask.method !== 'GET' ? { 'Content-Type': 'application/json' } : {}), ...ask.headers },
            body,
            credentials: 'same-origin',
            cache: 'no-cache',
            keepalive: ask.keepalive,
            signal: abort.signal,
        });
        const text = await textOf(response, wait);
        return { data: read<T>(response, text), headers: response.headers };
    } catch (error) {
        throw error instanceof ApiError ? error : new ApiError(0, '');
    } finally {
        clearTimeout(timer);
        ask.signal?.removeEventListener('abort', cancel);
    }
}

async function textOf(response: Response, moved: () => void): Promise<string> {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
        moved();
        const part = await reader?.read();
        if (!part || part.done) return text + decoder.decode();
        text += decoder.decode(part.value, { stream: true });
    }
}

function read<T>(response: Response, text: string): T {
    let data: unknown;
    try {
        data = JSON.parse(text);
    } catch {
        // A proxy's page, or half an answer: as good as none if it claims success, or that there is nothing here, as some do while the server is away.
        throw new ApiError(response.ok || response.status === 404 ? 0 : response.status, '', retryAfter(response));
    }
    if (!response.ok) {
        const sentence = (data as { error?: unknown } | null)?.error;
        throw new ApiError(response.status, typeof sentence === 'string' ? sentence : '', retryAfter(response));
    }
    return data as T;
}

function retryAfter(response: Response): number | undefined {
    const seconds = Number(response.headers.get('Retry-After') ?? NaN);
    return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, kLongestWaitS) : undefined;
}
