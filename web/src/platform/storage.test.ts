import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserStorage } from './storage';
import { FakeDisk } from './testing';

let disk: FakeDisk;
let hear: (event: unknown) => void;

beforeEach(() => {
    disk = new FakeDisk();
    vi.stubGlobal('window', { localStorage: disk, addEventListener: (_: string, listener: typeof hear) => (hear = listener), removeEventListener: () => {} });
});

afterEach(() => vi.unstubAllGlobals());

function writtenElsewhere(key: string, value: string): void {
    disk.full = false;
    disk[key] = value;
    hear({ storageArea: disk, key, newValue: value });
}

describe('the storage', () => {
    it('keeps in memory what does not fit', () => {
        const store = browserStorage();
        disk.full = true;
        expect(store.set('a', '1')).toBe(false);
        expect(store.get('a')).toBe('1');
        expect(store.keys('')).toContain('a');
        store.remove('a');
        expect(store.get('a')).toBeNull();
    });

    it('believes another tab more than what it has kept in memory', () => {
        const store = browserStorage();
        store.watch(() => {});
        disk.full = true;
        store.set('account', 'ann');
        writtenElsewhere('account', 'bob');
        expect(store.get('account')).toBe('bob');
    });

    it('tells what it keeps in memory only, and stores it when there is room', () => {
        const store = browserStorage();
        disk.full = true;
        store.set('a', '1');
        store.set('b', '2');
        store.remove('b');
        expect(store.unkept.get()).toEqual(['a']);
        expect(store.keepAgain()).toBe(false);
        disk.full = false;
        expect(store.keepAgain()).toBe(true);
        expect([store.unkept.get(), { ...disk }]).toEqual([[], { a: '1' }]);
    });

    it('works where there is none', () => {
        vi.stubGlobal('window', {});
        const store = browserStorage();
        expect(store.set('a', '1')).toBe(false);
        expect(store.get('a')).toBe('1');
    });
});
