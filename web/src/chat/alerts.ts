// Sound and notification for a message that nobody is looking at: once per browser, whichever of its tabs is first.
import { notify } from '../platform/notifications';
import type { Settings } from '../platform/settings';
import { playTone } from '../platform/sound';
import type { Store } from '../platform/storage';

const kHeard = 'parley:heard';
const kRemembered = 30;
const kOthersFirstMs = 250; // a tab that shows the message says so within this time
const kLongestBody = 200;

export interface Alert {
    id: string; // of the message
    peerId: string;
    name: string;
    text: string;
}

export class Alerts {
    private readonly timers = new Set<ReturnType<typeof setTimeout>>();

    constructor(
        private readonly store: Store,
        private readonly settings: () => Settings,
    ) {}

    // seen: it arrived before somebody's eyes, in this tab.
    arrived(alert: Alert, seen: boolean): void {
        if (seen) return void this.claim(alert.id);
        const timer = setTimeout(
            () => {
                this.timers.delete(timer);
                if (this.claim(alert.id)) this.raise(alert);
            },
            kOthersFirstMs * (1 + Math.random()),
        );
        this.timers.add(timer);
    }

    // Nothing is told of an account that is signed out.
    stop(): void {
        for (const timer of this.timers) clearTimeout(timer);
        this.timers.clear();
    }

    private raise({ id, peerId, name, text }: Alert): void {
        const { sound, notifications } = this.settings();
        if (sound) playTone();
        if (!notifications) return;
        const body = text.length > kLongestBody ? `${text.slice(0, kLongestBody)}…` : text;
        notify(name, body, id, () => window.dispatchEvent(new CustomEvent('parley:open', { detail: peerId })));
    }

    private claim(id: string): boolean {
        const heard = (this.store.get(kHeard) ?? '').split(' ');
        if (heard.includes(id)) return false;
        this.store.set(kHeard, [id, ...heard].slice(0, kRemembered).join(' '));
        return true;
    }
}
