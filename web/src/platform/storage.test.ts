import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserStorage } from './storage';

// A localStorage that can be full, and the event by which another tab's change is heard.
class FakeDisk {
    full = false;
    [key: string]: unknown;
    getItem = (key: string) => (typeof this[`$${key}`] === 'string' ? (this[`$${key}`] as string) : null);
    setItem = (key: string, value: string) => {
        if (this.full) throw new Error('QuotaExceededError');
        this[`$${key}`] = value;
    };
    removeItem = (key: string) => void delete this[`$${key}`];
}

let disk: FakeDisk;
let hear: (event: unknown) => void;

beforeEach(() => {
    disk = new FakeDisk();
    vi.stubGlobal('window', { localStorage: disk, addEventListener: (_: string, listener: typeof hear) => (hear = listener), removeEventListener: () => {} });
});

afterEach(() => vi.unstubAllGlobals());

function writtenElsewhere(key: string, value: string): void {
    disk.full = false;
    disk.setItem(key, value);
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

    it('works where there is none', () => {
        vi.stubGlobal('window', {});
        const store = browserStorage();
        expect(store.set('a', '1')).toBe(false);
        expect(store.get('a')).toBe('1');
    });
});
