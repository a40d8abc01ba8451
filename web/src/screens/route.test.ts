import { describe, expect, it } from 'vitest';
import { conversationPath, parseRoute, pathAfterSignIn } from './route';

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
    it('is the one that was asked for, by a link or before the log-in expired', () => {
        expect(pathAfterSignIn(conversationPath(peerId), undefined, 'a')).toBe(conversationPath(peerId));
        expect(pathAfterSignIn(conversationPath(peerId), 'a', 'a')).toBe(conversationPath(peerId));
    });

    it('is not where somebody else was', () => {
        expect(pathAfterSignIn(conversationPath(peerId), 'a', 'b')).toBe('/');
    });

    it('is always a place of this page', () => {
        for (const path of ['//a.example/x', '/signin', '/other']) expect(pathAfterSignIn(path, undefined, 'a')).toBe('/');
    });
});
