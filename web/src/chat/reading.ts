// Marks conversations as read: those that are open, scrolled to their end, and on a page that somebody looks at.
// A mark is set on the newest message shown without a gap, a moment later, and again if it failed when something changes.
export interface ReadingParts {
    isWatched(): boolean;
    // The message to be marked; undefined if there is nothing to mark or it is not certain that nothing is missing.
    target(peerId: string): string | undefined;
    mark(peerId: string, messageId: string): Promise<void>;
    delayMs?: number;
}

export class Reading {
    private readonly atEnd = new Set<string>();
    private readonly marked = new Map<string, string>();
    private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

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

    checkAll(): void {
        for (const peerId of this.atEnd) this.check(peerId);
    }

    check(peerId: string): void {
        if (this.timers.has(peerId) || !this.isReading(peerId) || !this.due(peerId)) return;
        this.timers.set(
            peerId,
            setTimeout(() => void this.mark(peerId), this.parts.delayMs ?? 300),
        );
    }

    // After a reconnect nothing is taken for certain.
    forget(): void {
        this.marked.clear();
    }

    stop(): void {
        for (const timer of this.timers.values()) clearTimeout(timer);
        this.timers.clear();
        this.atEnd.clear();
    }

    private due(peerId: string): string | undefined {
        const target = this.parts.target(peerId);
        return target === this.marked.get(peerId) ? undefined : target;
    }

    private async mark(peerId: string): Promise<void> {
        const target = this.isReading(peerId) ? this.due(peerId) : undefined;
        if (target) this.marked.set(peerId, target);
        try {
            if (target) await this.parts.mark(peerId, target);
        } catch {
            // Told when the next thing changes; at the latest after the next reconnect.
            if (this.marked.get(peerId) === target) this.marked.delete(peerId);
            this.timers.delete(peerId);
            return;
        }
        this.timers.delete(peerId);
        this.check(peerId);
    }
}
