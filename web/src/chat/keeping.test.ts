import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserStorage, type Store } from '../platform/storage';
import { FakeDisk } from '../platform/testing';
import { Drafts } from './drafts';
import { kAgainMs, Keeping } from './keeping';
import { kBob, kMe } from './testing';

let disk: FakeDisk;
let store: Store;
let drafts: Drafts;
let keeping: Keeping;
let held: number;

beforeEach(() => {
    vi.useFakeTimers();
    disk = new FakeDisk();
    vi.stubGlobal('window', { localStorage: disk });
    store = browserStorage();
    drafts = new Drafts(kMe, store);
    held = 0;
    keeping = new Keeping(store, () => (held++, () => void held--));
    keeping.start();
});

afterEach(() => {
    keeping.stop();
    vi.unstubAllGlobals();
    vi.useRealTimers();
});

const state = () => [keeping.refused.get(), held];
const later = () => vi.advanceTimersByTime(kAgainMs);

describe('what is not sent and does not fit into the storage', () => {
    it('is told, and holds the tab until it fits', () => {
        drafts.set(kBob, 'one');
        expect(state()).toEqual([false, 0]);
        disk.full = true;
        drafts.set(kBob, 'one and a half');
        expect(state()).toEqual([true, 1]);
        later();
        expect(state()).toEqual([true, 1]);
        disk.full = false;
        later();
        expect(state()).toEqual([false, 0]);
        expect(new Drafts(kMe, browserStorage()).get(kBob)).toBe('one and a half');
        expect(vi.getTimerCount()).toBe(0);
    });

    it('does not hold the tab once it is gone; that storing does not work stays told until it does', () => {
        disk.full = true;
        drafts.set(kBob, 'one');
        drafts.set(kBob, '');
        expect(state()).toEqual([true, 0]);
        later();
        expect(state()).toEqual([true, 0]);
        disk.full = false;
        later();
        expect(state()).toEqual([false, 0]);
        expect(store.keys('')).toEqual([]);
    });

    it('is nothing else: settings are not worth a word', () => {
        disk.full = true;
        store.set('parley:settings', '{}');
        expect(state()).toEqual([false, 0]);
    });

    it('may be of a browser that stores nothing at all', () => {
        vi.stubGlobal('window', {});
        const nowhere = browserStorage();
        const other = new Keeping(nowhere, () => (held++, () => void held--));
        other.start();
        new Drafts(kMe, nowhere).set(kBob, 'one');
        later();
        expect([other.refused.get(), held]).toEqual([true, 1]);
        other.stop();
        expect(held).toBe(0);
    });
});
