// Whether what is written and not sent would outlive this tab. While the browser refuses to store it, people are told; while there is any, the tab asks before it
// is closed. All accounts' count: what waits for its owner to sign in again is lost with the tab as well.
import { askBeforeLeaving } from '../platform/leaving';
import { Observable } from '../platform/observable';
import type { Store } from '../platform/storage';
import { kDrafts } from './drafts';
import { kOutbox } from './outbox';

export const kAgainMs = 5_000;

export class Keeping {
    // From the first refusal until everything is stored and there is room again, so that it does not come and go with every message.
    readonly refused = new Observable(false);
    private timer: ReturnType<typeof setInterval> | undefined;
    private release: (() => void) | undefined;
    private unsubscribe = () => {};

    constructor(
        private readonly store: Store,
        private readonly hold: () => () => void = askBeforeLeaving,
    ) {}

    start(): void {
        this.unsubscribe = this.store.unkept.subscribe(() => this.check());
        this.check();
    }

    stop(): void {
        this.unsubscribe();
        this.endWait();
        this.endHold();
    }

    private check(): void {
        const some = this.store.unkept.get().some((key) => key.startsWith(kDrafts) || key.startsWith(kOutbox));
        if (some) this.release ??= this.hold();
        else this.endHold();
        if (some) this.refused.set(true);
        if (this.refused.get()) this.timer ??= setInterval(() => this.again(), kAgainMs);
    }

    private again(): void {
        if (!this.store.keepAgain()) return;
        this.endWait();
        this.refused.set(false);
    }

    private endHold(): void {
        this.release?.();
        this.release = undefined;
    }

    private endWait(): void {
        clearInterval(this.timer);
        this.timer = undefined;
    }
}
