import { describe, expect, it } from 'vitest';
import { conversationPath, parseRoute, pathAfterSignIn, signInPath } from './route';

const peerId = '0123456789abcdef01234567';

describe('parseRoute', () => {
    it('knows the four places', () => {
        expect(parseRoute('/')).toEqual({ at: 'people' });
        expect(parseRoute('/signin')).toEqual({ at: 'signIn' });
        expect(parseRoute('/signup/')).toEqual({ at: 'signUp' });
        expect(parseRoute(conversationPath(peerId))).toEqual({ at: 'conversation', peerId });
    });

    it('takes everything else for the list of people', () => {
        for (const path of ['/c/', '/c/xyz', `/c/${peerId}0`, `/c/${peerId}/x`, '/signin/x', '/other']) expect(parseRoute(path)).toEqual({ at: 'people' });
    });
});

describe('the place after signing in', () => {
    const returned = (path: string, left: string | undefined, entered: string) => pathAfterSignIn(new URL(signInPath(path, left), 'http://x').search, entered);

    it('is the one that was asked for, by a link or before the log-in expired', () => {
        expect(returned(conversationPath(peerId), undefined, 'a')).toBe(conversationPath(peerId));
        expect(returned(conversationPath(peerId), 'a', 'a')).toBe(conversationPath(peerId));
        expect(returned('/', 'a', 'a')).toBe('/');
    });

    it('is not where somebody else was', () => {
        expect(returned(conversationPath(peerId), 'a', 'b')).toBe('/');
    });

    it('is always a place of this page', () => {
        const elsewhere = ['//a.example/x', 'https://a.example/c/0123456789abcdef01234567', '/\\a.example', 'javascript:alert(1)', '/signin', '/other', ''];
        for (const path of elsewhere) expect(pathAfterSignIn(`?to=${encodeURIComponent(path)}`, 'a')).toBe('/');
    });
});
