// Texts begun and not sent, per account and conversation. Written at once, and seen by the other tabs.
import type { Store } from '../platform/storage';

export const kDrafts = 'parley:draft:';

export class Drafts {
    private readonly prefix: string;
    private texts: ReadonlyMap<string, string> = new Map();
    private readonly listeners = new Set<() => void>();
    private unwatch = () => {};

    constructor(
        account: string,
        private readonly store: Store,
    ) {
        this.prefix = `${kDrafts}${account}:`;
        this.load();
    }

    start(): void {
        this.load();
        this.unwatch = this.store.watch((key, value) => {
            if (key.startsWith(this.prefix)) this.put(key.slice(this.prefix.length), value ?? '');
        });
    }

    stop(): void {
        this.unwatch();
    }

    readonly subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    };

    // Stable until something changes; without empty ones.
    readonly all = (): ReadonlyMap<string, string> => this.texts;

    get(peerId: string): string {
        return this.texts.get(peerId) ?? '';
    }

    set(peerId: string, text: string): void {
        if (text) this.store.set(this.prefix + peerId, text);
        else this.store.remove(this.prefix + peerId);
        this.put(peerId, text);
    }

    private load(): void {
        this.texts = new Map(this.store.keys(this.prefix).map((key) => [key.slice(this.prefix.length), this.store.get(key) ?? '']));
    }

    private put(peerId: string, text: string): void {
        if (this.get(peerId) === text) return;
        const texts = new Map(this.texts);
        if (text) texts.set(peerId, text);
        else texts.delete(peerId);
        this.texts = texts;
        for (const listener of [...this.listeners]) listener();
    }
}
