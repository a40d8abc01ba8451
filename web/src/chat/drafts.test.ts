import { describe, expect, it, vi } from 'vitest';
import { Drafts } from './drafts';
import { FakeBrowser, kBob, kMe } from './testing';

function tab(browser: FakeBrowser, account = kMe): Drafts {
    const drafts = new Drafts(account, browser.tab());
    drafts.start();
    return drafts;
}

describe('drafts', () => {
    it('outlive the page, per conversation', () => {
        const browser = new FakeBrowser();
        tab(browser).set(kBob, 'half a sent');
        const again = tab(browser);
        expect(again.get(kBob)).toBe('half a sent');
        expect(again.get(kMe)).toBe('');
    });

    it('are never seen by another account', () => {
        const browser = new FakeBrowser();
        tab(browser).set(kBob, 'secret');
        expect(tab(browser, 'c'.repeat(24)).all().size).toBe(0);
    });

    it('follow what other tabs write, and vanish when they are emptied', () => {
        const browser = new FakeBrowser();
        const [first, second] = [tab(browser), tab(browser)];
        const changed = vi.fn();
        second.subscribe(changed);
        first.set(kBob, 'x');
        expect(second.get(kBob)).toBe('x');
        first.set(kBob, '');
        expect(second.all().size).toBe(0);
        expect(browser.values.size).toBe(0);
        expect(changed).toHaveBeenCalledTimes(2);
    });
});
