// What the screens see of the logic; the hooks that hand it out are in hooks.ts.
import type { ApiError } from '../api/http';
import type { Account, Credentials, Message, SignUpForm, User } from '../api/types';

export type { Account, Credentials, Message, SignUpForm, User } from '../api/types';
export type { Settings } from '../platform/settings';

export type SessionPhase = 'loading' | 'signedOut' | 'signedIn';
export type SessionNotice = 'expired' | 'signedOutElsewhere';

// The three calls throw ApiError, whose message is the server's sentence (or, with status 0, none came: use a text of your own).
export interface Session {
    phase: SessionPhase;
    user?: Account;
    notice?: SessionNotice;
    unanswered?: boolean; // while loading: the server does not answer, and is asked again and again
    retryNow(): void;
    signIn(credentials: Credentials): Promise<void>;
    signUp(form: SignUpForm): Promise<void>;
    signOut(remove: boolean): Promise<void>; // remove: also what useUnsent() tells of
}

// 'connecting': not yet online since signing in. 'back': for 3 s after a reconnect. retryAt: when the next attempt begins (Date.now() scale); absent while one runs.
export interface ConnectionView {
    phase: 'connecting' | 'online' | 'offline' | 'back';
    retryAt?: number;
    retryNow(): void;
}

// One line of the list of people. The caller is among them (notes to self): compare user._id with the account's. A deleted account has user.deleted and no names.
export interface PersonRow {
    user: User;
    online: boolean; // as far as can be told
    conversation?: { lastMessage: Message; lastActivityAt: string; unreadCount: number };
    draft?: string;
    pending?: boolean; // a message of ours waits or has failed there
}

export interface People {
    rows: PersonRow[];
    hasMore: boolean;
    loadMore(): void;
    loading: boolean;
    error?: ApiError;
    retry(): void;
}

// key: stays the same when a pending message is acknowledged. error: the server's text. stale: it waited so long that sending it by itself might double it;
// retry() sends it anyway.
export interface TimelineMessage {
    key: string;
    id?: string;
    clientId?: string;
    mine: boolean;
    text: string;
    createdAt: string;
    state: 'sending' | 'sent' | 'failed';
    error?: string;
    stale?: boolean;
}

export interface ConversationView {
    peer?: User;
    self: boolean;
    missing: boolean; // no such person
    messages: TimelineMessage[];
    older: 'idle' | 'loading' | 'none' | 'error';
    loadOlder(): void;
    loading: boolean; // nothing to show yet
    error?: ApiError; // the first page did not come; it is tried again by itself, or at once by reload()
    reload(): void;
    firstUnreadId?: string; // the first unread message as it was when the conversation was opened
    send(text: string): void;
    retry(clientId: string): void;
    discard(clientId: string): void;
    setAtEnd(atEnd: boolean): void; // at its end, a visible conversation is marked read
}

// A message that arrived while connected, from others or from another device of the caller.
export interface LiveMessage {
    message: Message;
    peerId: string;
    mine: boolean;
    user?: User;
}
