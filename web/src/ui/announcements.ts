// When to read aloud what arrives: the first soon, those that come while there is hardly time to have heard it together, later.
const kSettleMs = 400; // a burst is one announcement from its beginning
const kGapMs = 4_000;

export class Announcements<T> {
    private waiting: T[] = [];
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(private readonly say: (together: T[]) => void) {}

    heard(one: T): void {
        this.waiting.push(one);
        this.timer ??= setTimeout(() => this.next(), kSettleMs);
    }

    stop(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.waiting = [];
    }

    private next(): void {
        const together = this.waiting;
        this.waiting = [];
        this.timer = together.length > 0 ? setTimeout(() => this.next(), kGapMs) : undefined;
        if (together.length > 0) this.say(together);
    }
}
