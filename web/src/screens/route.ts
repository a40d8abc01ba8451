// Where the page is: one of four places, kept in the address. The server answers the same page for all of them.
import { useSyncExternalStore } from 'react';

export type Route = { at: 'people' } | { at: 'conversation'; peerId: string } | { at: 'signIn' } | { at: 'signUp' };

export function parseRoute(path: string): Route {
    const peer = /^\/c\/([0-9a-f]{24})\/?$/i.exec(path);
    if (peer) return { at: 'conversation', peerId: peer[1]!.toLowerCase() };
    if (/^\/signin\/?$/.test(path)) return { at: 'signIn' };
    if (/^\/signup\/?$/.test(path)) return { at: 'signUp' };
    return { at: 'people' };
}

export function conversationPath(peerId: string): string {
    return `/c/${peerId}`;
}

// The form that leads back to `path` after signing in, if that is a conversation. left: who was signed in there, if anybody was.
export function signInPath(path: string, left?: string): string {
    const route = parseRoute(path);
    if (route.at !== 'conversation') return '/signin';
    return `/signin?to=${conversationPath(route.peerId)}${left ? `&as=${left}` : ''}`;
}

// Where the page goes on after signing in. search: of the form's address, which may come from anybody. It names where to go and, perhaps, who was
// signed in there: nobody else is led to whom they talked with.
export function pathAfterSignIn(search: string, entered: string): string {
    const asked = new URLSearchParams(search);
    const route = parseRoute(asked.get('to') ?? '/');
    const left = asked.get('as');
    return route.at === 'conversation' && (left === null || left === entered) ? conversationPath(route.peerId) : '/';
}

const listeners = new Set<() => void>();

// replace: for redirects, which "back" must not come upon again.
export function navigate(path: string, { replace = false } = {}): void {
    if (path === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    window.addEventListener('popstate', listener);
    return () => {
        listeners.delete(listener);
        window.removeEventListener('popstate', listener);
    };
}

export function useRoute(): Route {
    return parseRoute(useSyncExternalStore(subscribe, () => location.pathname));
}
