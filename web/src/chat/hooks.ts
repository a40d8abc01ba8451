// Everything the screens may use of the logic. Types: types.ts. While nobody is signed in they answer with nothing.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { ApiError } from '../api/http';
import type { User } from '../api/types';
import type { Settings } from '../platform/settings';
import { kFirstState } from '../realtime/connection_state';
import { unreadTotal, type Conversations } from './conversations';
import { foundRows, peopleRows } from './people';
import { useApp, useWorkspace } from './provider';
import { show } from './timeline';
import type { ConnectionView, ConversationView, LiveMessage, People, Session } from './types';
import type { Workspace } from './workspace';

const kUsersPage = 100;
const kSearchDelayMs = 200;
const kNothing = { subscribe: () => () => {} };
const kNobody: ReadonlySet<string> = new Set();
const kNoDrafts: ReadonlyMap<string, string> = new Map();
const kNoPending: readonly never[] = [];

// get must answer with the same object until something changes.
function useStore<T>(store: { subscribe(listener: () => void): () => void } | undefined, get: () => T): T {
    return useSyncExternalStore((store ?? kNothing).subscribe, get);
}

export function useSession(): Session {
    const { session } = useApp();
    const state = useStore(session.state, session.state.get);
    return useMemo(
        () => ({
            ...state,
            signIn: (credentials) => session.signIn(credentials),
            signUp: (form) => session.signUp(form),
            signOut: (remove) => session.signOut(remove),
            retryNow: () => session.retryNow(),
        }),
        [session, state],
    );
}

export function useConnection(): ConnectionView {
    const workspace = useWorkspace();
    const state = useStore(workspace?.connection.state, () => workspace?.connection.state.get() ?? kFirstState);
    return useMemo(() => ({ phase: state.phase, retryAt: state.retryAt, retryNow: () => workspace?.wake() }), [state, workspace]);
}

function useConversations(workspace: Workspace | undefined): Conversations | undefined {
    return useStore(workspace?.conversations, () => workspace?.conversations.get());
}

// search: as typed; it is sent when typing pauses.
export function usePeople(search: string): People {
    const workspace = useWorkspace();
    const words = usePaused(search.trim(), kSearchDelayMs);
    const me = workspace?.account;
    const query = useInfiniteQuery({
        queryKey: ['users', me?._id, words],
        queryFn: ({ pageParam, signal }) => workspace!.calls.users(kUsersPage, pageParam, words || undefined, signal),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: (page) => page.next,
        enabled: me !== undefined,
        // While more is typed, what was found so far stays.
        placeholderData: (before, query) => (words && query?.queryKey[2] ? before : undefined),
    });
    const list = useStore(workspace?.conversations, () => workspace?.conversations.result());
    const conversations = list?.data;
    const online = useStore(workspace?.online, () => workspace?.online.get() ?? kNobody);
    const informed = useInformed();
    const drafts = useStore(workspace?.drafts, () => workspace?.drafts.all() ?? kNoDrafts);
    const pending = useStore(workspace?.outbox, () => workspace?.outbox.all() ?? kNoPending);
    useEffect(() => workspace?.failed(query.error as ApiError | null), [workspace, query.error]);

    const users = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
    const rows = useMemo(() => {
        if (!me) return [];
        const parts = { me, conversations, users, online: informed ? online : kNobody, drafts, pending };
        return words ? foundRows(parts, words) : conversations || list?.error ? peopleRows(parts) : [];
    }, [me, list, conversations, users, online, informed, drafts, pending, words]);
    const listError = words ? null : list?.error;
    const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = query;
    return {
        rows,
        hasMore: hasNextPage,
        loadMore: useCallback(() => void (hasNextPage && !isFetchingNextPage && fetchNextPage()), [fetchNextPage, hasNextPage, isFetchingNextPage]),
        loading: query.isPending || words !== search.trim() || (!words && !conversations && !listError),
        error: asApiError(query.data ? null : query.error) ?? asApiError(conversations ? null : listError),
        retry: useCallback(() => {
            void refetch();
            workspace?.conversations.refresh();
        }, [refetch, workspace]),
    };
}

// True once it is certain that there is nobody else: neither in the directory nor among those one has talked with.
export function useAlone(): boolean {
    const { rows, hasMore, loading, error } = usePeople('');
    const { user } = useSession();
    return !loading && !hasMore && !error && rows.length === 1 && rows[0]!.user._id === user?._id;
}

const asApiError = (error: Error | null | undefined): ApiError | undefined => (error instanceof ApiError ? error : error ? new ApiError(0, '') : undefined);

function usePaused(value: string, delayMs: number): string {
    const [paused, setPaused] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => setPaused(value), value ? delayMs : 0);
        return () => clearTimeout(timer);
    }, [value, delayMs]);
    return paused;
}

export function useConversation(peerId: string): ConversationView {
    const workspace = useWorkspace();
    useEffect(() => {
        workspace?.histories.open(peerId);
        return () => {
            workspace?.reading.setAtEnd(peerId, false);
            workspace?.histories.close(peerId);
        };
    }, [workspace, peerId]);
    const history = useStore(workspace?.histories, () => workspace?.histories.get(peerId));
    const pending = useStore(workspace?.outbox, () => workspace?.outbox.of(peerId) ?? kNoPending);
    const me = workspace?.account._id ?? '';
    const { peer, missing } = usePeer(workspace, peerId);
    const messages = useMemo(() => (history ? show(history.timeline, pending, me) : []), [history?.timeline, pending, me]);
    const actions = useMemo(
        () => ({
            loadOlder: () => void workspace?.histories.loadOlder(peerId),
            reload: () => workspace?.histories.reload(peerId),
            send: (text: string) => workspace?.outbox.add(peerId, text),
            retry: (clientId: string) => workspace?.outbox.retry(clientId),
            discard: (clientId: string) => workspace?.outbox.discard(clientId),
            setAtEnd: (atEnd: boolean) => workspace?.reading.setAtEnd(peerId, atEnd),
        }),
        [workspace, peerId],
    );
    return {
        ...actions,
        peer,
        missing,
        self: peerId === me,
        messages,
        older: history?.older ?? 'idle',
        loading: !history?.timeline.loaded && !history?.error,
        error: history?.error,
        firstUnreadId: history?.firstUnreadId,
    };
}

function usePeer(workspace: Workspace | undefined, peerId: string): { peer?: User; missing: boolean } {
    const listed = useConversations(workspace)?.get(peerId)?.user;
    const known = peerId === workspace?.account._id ? workspace?.account : listed;
    const query = useQuery({
        queryKey: ['user', workspace?.account._id, peerId],
        queryFn: ({ signal }) => workspace!.calls.user(peerId, signal),
        enabled: workspace !== undefined && known === undefined,
    });
    const error = asApiError(query.error);
    useEffect(() => workspace?.failed(error ?? null), [workspace, error?.status]);
    return { peer: known ?? query.data, missing: !known && !query.data && (error?.status === 404 || error?.status === 400) };
}

export function useDraft(peerId: string): [string, (text: string) => void] {
    const workspace = useWorkspace();
    const text = useStore(workspace?.drafts, () => workspace?.drafts.get(peerId) ?? '');
    const set = useCallback((next: string) => workspace?.drafts.set(peerId, next), [workspace, peerId]);
    return [text, set];
}

// True while there are drafts or messages that are not sent yet.
export function useUnsent(): boolean {
    const workspace = useWorkspace();
    const drafts = useStore(workspace?.drafts, () => workspace?.drafts.all() ?? kNoDrafts);
    const pending = useStore(workspace?.outbox, () => workspace?.outbox.all() ?? kNoPending);
    return drafts.size > 0 || pending.length > 0;
}

// Undefined while nobody can tell.
export function useOnline(userId: string): boolean | undefined {
    const workspace = useWorkspace();
    const informed = useInformed();
    const online = useStore(workspace?.online, () => workspace?.online.get().has(userId) ?? false);
    return informed ? online : undefined;
}

// Who else is there is known only while one is there oneself.
function useInformed(): boolean {
    const { phase } = useConnection();
    return phase === 'online' || phase === 'back';
}

export function useUnreadTotal(): number {
    const workspace = useWorkspace();
    return useStore(workspace?.conversations, () => unreadTotal(workspace?.conversations.get()));
}

// True while the browser refuses to store what is not sent yet.
export function useStorageRefused(): boolean {
    const { keeping } = useApp();
    return useStore(keeping.refused, keeping.refused.get);
}

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
    const app = useApp();
    const settings = useStore(app.settings, app.settings.get);
    return [settings, useCallback((change: Partial<Settings>) => app.changeSettings(change), [app])];
}

// Calls the handler for each message that arrives live (for the live region; sounds and notifications are made by the logic itself).
export function useLiveMessages(handler: (live: LiveMessage) => void): void {
    const workspace = useWorkspace();
    const latest = useRef(handler);
    useEffect(() => {
        latest.current = handler;
    });
    useEffect(() => workspace?.onLive((live) => latest.current(live)), [workspace]);
}
