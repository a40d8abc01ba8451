import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Today } from './today';

let page: EventTarget;

beforeEach(() => {
    vi.useFakeTimers({ now: new Date(2026, 10, 22, 23, 50) });
    page = new EventTarget();
    vi.stubGlobal('window', page);
    vi.stubGlobal('document', page);
});

afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

describe('today', () => {
    it('is another day from midnight on, and the same value until then', () => {
        const today = new Today();
        const changed = vi.fn();
        const stop = today.subscribe(changed);
        const before = today.get();
        vi.advanceTimersByTime(10 * 60_000 - 1);
        expect([changed.mock.calls.length, today.get() === before]).toEqual([0, true]);
        vi.advanceTimersByTime(2);
        expect([changed.mock.calls.length, today.get().getDate()]).toEqual([1, 23]);
        vi.advanceTimersByTime(86_400_000);
        expect([changed.mock.calls.length, today.get().getDate()]).toEqual([2, 24]);
        stop();
        expect(vi.getTimerCount()).toBe(0);
    });

    it('is noticed after a sleep, in which timers stood still', () => {
        const today = new Today();
        today.subscribe(() => {});
        vi.setSystemTime(new Date(2026, 10, 25, 8));
        vi.advanceTimersByTime(60_000);
        expect(today.get().getDate()).toBe(25);
        vi.setSystemTime(new Date(2026, 10, 26, 8));
        page.dispatchEvent(new Event('visibilitychange'));
        expect(today.get().getDate()).toBe(26);
    });

    it('is right for who asks after a long time', () => {
        const today = new Today();
        vi.setSystemTime(new Date(2026, 10, 25, 8));
        today.subscribe(() => {})();
        expect(today.get().getDate()).toBe(25);
    });
});
