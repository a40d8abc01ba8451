import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { notify } from '../platform/notifications';
import { kDefaultSettings } from '../platform/settings';
import { Alerts, type Alert } from './alerts';
import { FakeBrowser, kBob, message } from './testing';

vi.mock('../platform/notifications', () => ({ notify: vi.fn() }));

const alert = (n: number): Alert => ({ id: message(n)._id, peerId: kBob, name: 'Bob', text: message(n).message });
const raised = () => vi.mocked(notify).mock.calls.map(([, body]) => body);

let browser: FakeBrowser;
const tab = () => new Alerts(browser.tab(), () => ({ ...kDefaultSettings, sound: false, notifications: true }));

beforeEach(() => {
    vi.useFakeTimers();
    browser = new FakeBrowser();
});

afterEach(() => {
    vi.useRealTimers();
    vi.mocked(notify).mockClear();
});

describe('alerts', () => {
    it('are raised once, by whichever tab is first', () => {
        for (const alerts of [tab(), tab(), tab()]) alerts.arrived(alert(1), false);
        vi.advanceTimersByTime(1_000);
        expect(raised()).toEqual(['text 1']);
    });

    it('are not raised for what is seen in another tab', () => {
        tab().arrived(alert(1), false);
        tab().arrived(alert(1), true);
        vi.advanceTimersByTime(1_000);
        expect(raised()).toEqual([]);
    });

    it('are not raised after signing out', () => {
        const alerts = tab();
        alerts.arrived(alert(1), false);
        alerts.stop();
        vi.advanceTimersByTime(1_000);
        expect(raised()).toEqual([]);
    });
});
