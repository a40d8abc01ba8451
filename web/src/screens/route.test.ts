import { describe, expect, it } from 'vitest';
import { conversationPath, parseRoute } from './route';

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
