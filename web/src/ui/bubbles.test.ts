import { describe, expect, it } from 'vitest';
import type { TimelineMessage } from '../chat/types';
import { bubbles, fold } from './bubbles';

let count = 0;
function message(minute: number, mine = false, more: Partial<TimelineMessage> = {}): TimelineMessage {
    const id = `m${++count}`;
    return { key: id, id, mine, text: id, createdAt: new Date(2026, 10, 23, 10, minute).toISOString(), state: 'sent', ...more };
}
const groups = (messages: TimelineMessage[], unread?: string) => bubbles(messages, unread).map((b) => (b.first ? '<' : '-') + (b.last ? '>' : '-'));

describe('bubbles', () => {
    it('join what one person writes within minutes', () => {
        expect(groups([message(0), message(1), message(2), message(3, true), message(4)])).toEqual(['<-', '--', '->', '<>', '<>']);
        expect(groups([message(0), message(5), message(9)])).toEqual(['<>', '<-', '->']);
    });

    it('begin anew with a day, the first unread message, and after a failed one', () => {
        const late = message(0, false, { createdAt: new Date(2026, 10, 22, 23, 59).toISOString() });
        const early = message(0, false, { createdAt: new Date(2026, 10, 23, 0, 1).toISOString() });
        expect(bubbles([late, early]).map((b) => b.newDay)).toEqual([true, true]);
        expect(groups([late, early])).toEqual(['<>', '<>']);
        const unread = message(1);
        expect(groups([message(0), unread], unread.id)).toEqual(['<>', '<>']);
        expect(bubbles([message(0), unread], unread.id).map((b) => b.newMessages)).toEqual([false, true]);
        expect(groups([message(0, true, { state: 'failed' }), message(0, true)])).toEqual(['<>', '<>']);
    });

    it('are none for no messages', () => {
        expect(bubbles([], 'm1')).toEqual([]);
    });
});

describe('fold', () => {
    it('leaves ordinary messages alone', () => {
        for (const text of ['', 'Hello', 'a\n'.repeat(20), 'word '.repeat(300)]) expect(fold(text)).toEqual({ text, folded: false });
    });

    it('cuts long ones between words, by length or by lines', () => {
        const long = fold('word '.repeat(1000));
        expect(long.folded).toBe(true);
        expect(long.text.length).toBeLessThanOrEqual(1800);
        expect(long.text.endsWith('word')).toBe(true);
        const lines = fold('x\n'.repeat(100));
        expect(lines.text.split('\n')).toHaveLength(24);
    });

    it('never cuts a character in two', () => {
        expect(fold('x' + '😀'.repeat(2000)).text.at(-1)).toBe('\ude00');
        expect(fold('😀'.repeat(2000)).text.length % 2).toBe(0);
    });
});
