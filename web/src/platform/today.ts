// The current local day, which changes at midnight by itself.
import { Observable } from './observable';

// A clock that was set, a machine that slept and a browser that holds back timers are noticed after that long, or as soon as somebody looks.
const kLongestMs = 60_000;
const kSignals = ['focus', 'pageshow'] as const;

// A moment of the day that it is; another one only when the day is another one.
export class Today {
    private readonly moment = new Observable(new Date());
    private timer: ReturnType<typeof setTimeout> | undefined;
    private watchers = 0;

    readonly get = this.moment.get;

    readonly subscribe = (listener: () => void): (() => void) => {
        if (this.watchers++ === 0) this.start();
        const stop = this.moment.subscribe(listener);
        return () => {
            stop();
            if (--this.watchers === 0) this.stop();
        };
    };

    private start(): void {
        for (const signal of kSignals) window.addEventListener(signal, this.check);
        document.addEventListener('visibilitychange', this.check);
        this.check();
    }

    private stop(): void {
        clearTimeout(this.timer);
        for (const signal of kSignals) window.removeEventListener(signal, this.check);
        document.removeEventListener('visibilitychange', this.check);
    }

    private readonly check = () => {
        const now = new Date();
        if (now.toDateString() !== this.moment.get().toDateString()) this.moment.set(now);
        const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
        clearTimeout(this.timer);
        this.timer = setTimeout(this.check, Math.min(kLongestMs, Math.max(0, midnight - now.getTime()) + 1));
    };
}
