import { describe, expect, it } from 'vitest';
import { initials, pictureOf } from './avatar';

const kId = 'a'.repeat(24);
const picture = (profilePic: string) => pictureOf({ _id: kId, fullName: 'Ann', profilePic });

describe('a picture', () => {
    it('is a path of this server', () => {
        expect(picture('/pictures/ann.png?v=2')).toBe('/pictures/ann.png?v=2');
    });

    it('of anywhere else is not loaded', () => {
        const others = ['', 'https://a.example/x.png', '//a.example/x.png', '/\\a.example', 'data:image/png;base64,', 'x.png', ' //a.example', '/x\\y'];
        // Browsers leave tabs and line breaks out of an address before they read it.
        others.push('/\t/a.example/x.png', '/\n/a.example/x.png', '/\r/a.example', '\t//a.example', '/x\n');
        for (const other of others) expect(picture(other)).toBe(`/api/avatars/${kId}.svg`);
        for (const other of others) expect(new URL(picture(other), 'https://here.example').host).toBe('here.example');
    });
});

describe('initials', () => {
    it('are of the first and the last word', () => {
        expect(initials('Ada King Lovelace')).toBe('AL');
        expect(initials(' 𝒳y ')).toBe('𝒳');
        expect(initials('')).toBe('');
    });
});
