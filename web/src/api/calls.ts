// The routes that the client uses, one function each. All throw ApiError. Those that act for somebody are methods of AccountCalls.
import { ApiError, request, type Answer, type Ask } from './http';
import type { Account, Credentials, Message, ReadMark, SignUpForm, Summary, User } from './types';

// next: the cursor of the following page; absent at the end.
export interface Page<T> {
    items: T[];
    next?: string;
}

// older: absent if there is nothing before the page. newer: what comes later can be asked for with it; absent in a conversation without messages.
export interface HistoryPage {
    messages: Message[];
    older?: string;
    newer?: string;
}

const query = (values: Record<string, string | number | undefined>) =>
    new URLSearchParams(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))).toString();

const page = <T>({ data, headers }: Answer<T[]>): Page<T> => ({ items: data, next: headers.get('X-Next-Cursor') ?? undefined });

export const me = async () => (await request<Account>('/api/auth/me')).data;
export const signIn = async (credentials: Credentials) => (await request<Account>('/api/auth/login', { method: 'POST', body: credentials })).data;
export const signUp = async (form: SignUpForm) => (await request<Account>('/api/auth/signup', { method: 'POST', body: form })).data;
export const signOut = async (account?: string) => void (await request('/api/auth/logout', { method: 'POST', headers: account ? expecting(account) : {} }));

const expecting = (account: string) => ({ 'X-Expected-User': account });

// What one account asks. The cookie may become another one's at any time, unheard of by this page (cookies are shared between ports): every call says whose it
// is meant to be, and the server does nothing with another one's cookie (412).
export class AccountCalls {
    // doubted: an answer says that somebody else is signed in by now, or that the account itself may be gone.
    constructor(
        private readonly account: string,
        private readonly doubted: () => void = () => {},
    ) {}

    users = async (limit: number, cursor?: string, q?: string, signal?: AbortSignal) =>
        page(await this.request<User[]>(`/api/users?${query({ limit, cursor, q })}`, { signal }));

    user = async (id: string, signal?: AbortSignal) => (await this.request<User>(`/api/users/${id}`, { signal })).data;

    conversations = async (limit: number, cursor?: string, signal?: AbortSignal) =>
        page(await this.request<Summary[]>(`/api/conversations?${query({ limit, cursor })}`, { signal }));

    history = async (peerId: string, limit: number, place: { before?: string; after?: string } = {}): Promise<HistoryPage> => {
        const { data, headers } = await this.request<Message[]>(`/api/messages/${peerId}?${query({ limit, ...place })}`);
        return { messages: data, older: headers.get('X-Older-Cursor') ?? undefined, newer: headers.get('X-Newer-Cursor') ?? undefined };
    };

    // The same clientId again returns the first result and tells nobody twice. socketId: our own socket, which need not be told.
    send = async (peerId: string, text: string, clientId: string, socketId?: string) =>
        (
            await this.request<Message>(`/api/messages/send/${peerId}`, {
                method: 'POST',
                body: { message: text },
                headers: { 'Idempotency-Key': clientId, ...sparing(socketId) },
            })
        ).data;

    markRead = async (peerId: string, messageId: string, socketId?: string) =>
        (
            await this.request<ReadMark>(`/api/conversations/${peerId}/read`, {
                method: 'PUT',
                body: { messageId },
                headers: sparing(socketId),
                keepalive: true, // the last mark is often sent by a page that is being left
            })
        ).data;

    private async request<T>(path: string, ask: Ask = {}): Promise<Answer<T>> {
        try {
            return await request<T>(path, { ...ask, headers: { ...ask.headers, ...expecting(this.account) } });
        } catch (error) {
            if (error instanceof ApiError && isDoubtful(error.status)) this.doubted();
            throw error;
        }
    }
}

// 404: no such person, or the account itself is gone. Only GET /api/auth/me can tell.
const isDoubtful = (status: number) => status === 404 || status === 412;

const sparing = (socketId?: string): Record<string, string> => (socketId ? { 'X-Socket-Id': socketId } : {});
