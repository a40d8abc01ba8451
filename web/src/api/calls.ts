// The routes that the client uses, one function each. All throw ApiError.
import { request, type Answer } from './http';
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
export const signOut = async () => void (await request('/api/auth/logout', { method: 'POST' }));

export const users = async (limit: number, cursor?: string, q?: string, signal?: AbortSignal) =>
    page(await request<User[]>(`/api/users?${query({ limit, cursor, q })}`, { signal }));
export const user = async (id: string, signal?: AbortSignal) => (await request<User>(`/api/users/${id}`, { signal })).data;

export const conversations = async (limit: number, cursor?: string, signal?: AbortSignal) =>
    page(await request<Summary[]>(`/api/conversations?${query({ limit, cursor })}`, { signal }));

export async function history(peerId: string, limit: number, place: { before?: string; after?: string } = {}): Promise<HistoryPage> {
    const { data, headers } = await request<Message[]>(`/api/messages/${peerId}?${query({ limit, ...place })}`);
    return { messages: data, older: headers.get('X-Older-Cursor') ?? undefined, newer: headers.get('X-Newer-Cursor') ?? undefined };
}

// The same clientId again returns the first result and tells nobody twice. socketId: our own socket, which need not be told.
export const send = async (peerId: string, text: string, clientId: string, socketId?: string) =>
    (
        await request<Message>(`/api/messages/send/${peerId}`, {
            method: 'POST',
            body: { message: text },
            headers: { 'Idempotency-Key': clientId, ...sparing(socketId) },
        })
    ).data;

export const markRead = async (peerId: string, messageId: string, socketId?: string) =>
    (
        await request<ReadMark>(`/api/conversations/${peerId}/read`, {
            method: 'PUT',
            body: { messageId },
            headers: sparing(socketId),
            keepalive: true, // the last mark is often sent by a page that is being left
        })
    ).data;

const sparing = (socketId?: string): Record<string, string> => (socketId ? { 'X-Socket-Id': socketId } : {});
