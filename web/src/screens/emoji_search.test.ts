import { describe, expect, it } from 'vitest';
import { findEmoji, remember, type Emoji } from './emoji_search';

const all: Emoji[] = [
    ['😀', 'grinning face', 'happy smile'],
    ['❤️', 'red heart', 'love'],
    ['🥰', 'smiling face with hearts', 'love adore'],
    ['💘', 'heart with arrow', 'love cupid'],
    ['🇨🇮', 'flag: Côte d’Ivoire', 'CI'],
];
const find = (search: string) => findEmoji(all, search).map(([unicode]) => unicode);

describe('findEmoji', () => {
    it('puts names before tags, and beginnings first', () => {
        expect(find('heart')).toEqual(['💘', '❤️', '🥰']);
        expect(find('SMI')).toEqual(['🥰', '😀']);
    });

    it('wants every word, without accents', () => {
        expect(find('love heart')).toEqual(['❤️', '🥰', '💘']);
        expect(find('cote')).toEqual(['🇨🇮']);
        expect(find('eart')).toEqual([]);
        expect(find('  ')).toEqual([]);
    });

    it('knows the character itself', () => {
        expect(find('❤️')).toEqual(['❤️']);
    });
});

describe('remember', () => {
    it('keeps the last one first, each once, and not too many', () => {
        expect(remember(['a', 'b', 'c'], 'c')).toEqual(['c', 'a', 'b']);
        expect(remember(Array.from({ length: 40 }, (_, index) => String(index)), 'x')).toHaveLength(32);
    });
});
