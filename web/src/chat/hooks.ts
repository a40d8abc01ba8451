// Everything the screens may use of the logic. Types: types.ts.
import type { ConversationView, ConnectionView, LiveMessage, People, Session } from './types';
import { kDefaultSettings, type Settings } from '../platform/settings';

export function useSession(): Session {
    const nothing = async () => {};
    return { phase: 'signedOut', signIn: nothing, signUp: nothing, signOut: nothing };
}

export function useConnection(): ConnectionView {
    return { phase: 'connecting', retryNow() {} };
}

export function usePeople(_search: string): People {
    return { rows: [], hasMore: false, loadMore() {}, loading: false, retry() {} };
}

export function useConversation(_peerId: string): ConversationView {
    return {
        self: false,
        missing: false,
        messages: [],
        older: 'none',
        loadOlder() {},
        loading: true,
        reload() {},
        send() {},
        retry() {},
        discard() {},
        setAtEnd() {},
    };
}

export function useDraft(_peerId: string): [string, (text: string) => void] {
    return ['', () => {}];
}

export function useOnline(_userId: string): boolean {
    return false;
}

export function useUnreadTotal(): number {
    return 0;
}

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
    return [kDefaultSettings, () => {}];
}

// Calls the handler for each message that arrives live (for the live region; sounds and notifications are made by the logic itself).
export function useLiveMessages(_handler: (live: LiveMessage) => void): void {}
