import { describe, expect, it } from 'vitest';
import { linkify } from './linkify';

const links = (text: string) => linkify(text).filter((token) => token.href).map((token) => token.text);
const hrefs = (text: string) => linkify(text).flatMap((token) => token.href ?? []);

describe('linkify', () => {
    it('finds web and mail addresses among words', () => {
        expect(links('see https://a.example/x?y=1#z and www.b.example, or ann@c.example.')).toEqual(['https://a.example/x?y=1#z', 'www.b.example', 'ann@c.example']);
        expect(hrefs('www.b.example ann@c.example')).toEqual(['https://www.b.example/', 'mailto:ann@c.example']);
    });

    it('never makes a link of another scheme', () => {
        for (const text of ['javascript:alert(1)', 'JaVaScRiPt://%0aalert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', 'ftp://a.example', 'blob:https://a.example/x']) {
            for (const href of hrefs(text)) expect(href).toMatch(/^(https?:|mailto:)/);
        }
        expect(hrefs('javascript:alert(1)')).toEqual([]);
        expect(hrefs('xhttps://a.example')).toEqual([]);
    });

    it('leaves the punctuation of the sentence outside', () => {
        expect(links('(https://a.example/b).')).toEqual(['https://a.example/b']);
        expect(links('https://a.example/b_(c)!')).toEqual(['https://a.example/b_(c)']);
        expect(links('[x](https://a.example/b)')).toEqual(['https://a.example/b']);
        expect(links('https://a.example/?q=a,b…')).toEqual(['https://a.example/?q=a,b']);
        expect(links('"https://a.example"')).toEqual(['https://a.example']);
    });

    it('stops at characters that would disguise an address', () => {
        expect(links('https://a.example/\u202egpj.exe')).toEqual(['https://a.example/']);
        expect(links('https://a.example/<script>')).toEqual(['https://a.example/']);
    });

    it('wants a real host', () => {
        expect(links('www. http:// http://x https://localhost:5000/a http://[::1]:3/')).toEqual(['https://localhost:5000/a', 'http://[::1]:3/']);
        expect(links('a@b me@home @ann')).toEqual([]);
    });

    it('takes addresses of other scripts', () => {
        expect(links('http://bücher.example/größe und 例え.example')).toEqual(['http://bücher.example/größe']);
    });

    it('loses no character', () => {
        for (const text of ['', ' ', '\n\nwww.a.example\n', 'a@b.co a@b.co', '😀https://a.example😀 x', '<b>https://a.example</b>', '://', 'http://'.repeat(50)]) {
            expect(linkify(text).map((token) => token.text).join('')).toBe(text);
        }
    });

    it('is linear on hostile texts', () => {
        for (const piece of ['a', 'a@', 'a.', 'www.', 'http://', '(', 'a@a.', '@']) {
            const text = piece.repeat(100_000 / piece.length);
            expect(linkify(text).map((token) => token.text).join('')).toBe(text);
        }
    });
});
