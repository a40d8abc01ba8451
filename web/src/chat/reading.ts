// Marks conversations as read: those that are open, scrolled to their end, and on a page that somebody looks at.
// A mark is set on the newest message shown without a gap, a moment later, and again if it failed when something changes. What arrived before somebody's eyes
// is counted as read at once: its mark is owed, and set also if they look away within that moment.
export interface ReadingParts {
    isWatched(): boolean;
    // The message to be marked; undefined if there is nothing to mark or it is not certain that nothing is missing.
    target(peerId: string): string | undefined;
    mark(peerId: string, messageId: string): Promise<void>;
    delayMs?: number;
}

export class Reading {
    private readonly atEnd = new Set<string>();
    private readonly owed = new Map<string, string>();
    private readonly marked = new Map<string, string>();
    private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
    private readonly inFlight = new Set<string>();

    constructor(private readonly parts: ReadingParts) {}

    setAtEnd(peerId: string, atEnd: boolean): void {
        if (atEnd) this.atEnd.add(peerId);
        else this.atEnd.delete(peerId);
        this.check(peerId);
    }

    // What arrives there now is seen.
    isReading(peerId: string): boolean {
        return this.atEnd.has(peerId) && this.parts.isWatched();
    }

    // It is counted as read already.
    seen(peerId: string, messageId: string): void {
        this.owed.set(peerId, this.parts.target(peerId) ?? messageId);
        this.check(peerId);
    }

    checkAll(): void {
        for (const peerId of new Set([...this.atEnd, ...this.owed.keys()])) this.check(peerId);
    }

    check(peerId: string): void {
        if (this.timers.has(peerId) || this.inFlight.has(peerId) || !this.due(peerId)) return;
        this.timers.set(
            peerId,
            setTimeout(() => void this.mark(peerId), this.parts.delayMs ?? 300),
        );
    }

    // Nobody looks any more, and the page may be gone at any time: what is owed is not put off.
    leave(): void {
        for (const peerId of this.owed.keys()) if (this.timers.has(peerId)) void this.mark(peerId);
    }

    // After a reconnect nothing is taken for certain.
    forget(): void {
        this.marked.clear();
    }

    stop(): void {
        for (const timer of this.timers.values()) clearTimeout(timer);
        this.timers.clear();
        this.atEnd.clear();
        this.owed.clear();
    }

    // What came after the owed message has not been seen by those who look away.
    private due(peerId: string): string | undefined {
        const newest = this.parts.target(peerId);
        const target = newest && (this.isReading(peerId) ? newest : this.owed.get(peerId));
        return target === this.marked.get(peerId) ? undefined : target;
    }

    private async mark(peerId: string): Promise<void> {
        clearTimeout(this.timers.get(peerId));
        this.timers.delete(peerId);
        const target = this.due(peerId);
        if (!target) return;
        const owed = this.owed.get(peerId);
        this.marked.set(peerId, target);
        this.inFlight.add(peerId);
        try {
            await this.parts.mark(peerId, target);
            this.inFlight.delete(peerId);
        } catch {
            // Told when the next thing changes; at the latest after the next reconnect.
            this.inFlight.delete(peerId);
            if (this.marked.get(peerId) === target) this.marked.delete(peerId);
            return;
        }
        if (this.owed.get(peerId) === owed) this.owed.delete(peerId);
        this.check(peerId);
    }
}
