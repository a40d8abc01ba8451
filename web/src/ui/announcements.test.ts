import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Announcements } from './announcements';

let said: number[][];
let announcements: Announcements<number>;

beforeEach(() => {
    vi.useFakeTimers();
    said = [];
    announcements = new Announcements((together) => said.push(together));
});

afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTime(ms);

describe('announcements', () => {
    it('are made of each when they are slow', () => {
        for (const one of [1, 2, 3]) {
            announcements.heard(one);
            pass(5_000);
        }
        expect(said).toEqual([[1], [2], [3]]);
        expect(vi.getTimerCount()).toBeLessThan(2);
    });

    it('are made of a burst together, and none is left out', () => {
        for (const one of [1, 2, 3]) announcements.heard(one);
        pass(500);
        expect(said).toEqual([[1, 2, 3]]);
        announcements.heard(4);
        pass(1_000);
        announcements.heard(5);
        expect(said).toHaveLength(1);
        pass(4_000);
        expect(said).toEqual([[1, 2, 3], [4, 5]]);
        pass(10_000);
        expect(vi.getTimerCount()).toBe(0);
    });

    it('do not flood', () => {
        for (let one = 0; one < 600; one++) {
            announcements.heard(one);
            pass(100);
        }
        pass(10_000);
        expect(said.flat()).toHaveLength(600);
        expect(said.length).toBeLessThan(20);
    });

    it('are not made any more when they are stopped', () => {
        announcements.heard(1);
        announcements.stop();
        pass(10_000);
        expect(said).toEqual([]);
    });
});
