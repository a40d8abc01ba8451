import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';
import { fill, languageOf, localeOf, makeTexts } from './text';

const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('texts', () => {
    it('have the same holes in every language', () => {
        for (const key of Object.keys(en) as (keyof typeof en)[]) expect(holes(de[key]), key).toEqual(holes(en[key]));
    });

    it('are never empty and always in pairs of forms', () => {
        for (const [key, text] of [...Object.entries(en), ...Object.entries(de)]) {
            expect(text.trim(), key).not.toBe('');
            if (key.endsWith('.one')) expect(en).toHaveProperty([key.replace(/one$/, 'other')]);
        }
    });

    it('are filled once, whatever is filled in', () => {
        expect(fill('{name}: {text}', { name: '{text}', text: '$& {name}' })).toBe('{text}: $& {name}');
        expect(fill('{unknown}', { name: 'x' })).toBe('{unknown}');
    });

    it('choose the form by count and write numbers as the locale does', () => {
        const german = makeTexts('de', 'de');
        expect(german.tn('people.unread', 1)).toBe('1 ungelesene Nachricht');
        expect(german.tn('messages.arrivedMany', 3, { name: 'Ann' })).toBe('3 neue Nachrichten von Ann');
        expect(german.tn('people.unread', 1000)).toBe('1.000 ungelesene Nachrichten');
    });

    it('follow the browser unless a language is chosen', () => {
        expect(languageOf('system', ['fr-FR', 'de-AT', 'en'])).toBe('de');
        expect(languageOf('system', ['fr'])).toBe('en');
        expect(languageOf('en', ['de'])).toBe('en');
        expect(localeOf('en', ['de', 'en-GB'])).toBe('en-GB');
        expect(localeOf('de', ['en'])).toBe('de');
    });
});
