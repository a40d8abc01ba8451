// Own messages that the server has not acknowledged yet: kept in the browser's storage per account until it has, so that a reload, a crash or an expired log-in
// loses nothing. One key per message, so that tabs do not overwrite each other's.
//
// Order: within a conversation a message is not sent before the one ahead of it is settled (acknowledged, failed, discarded); conversations do not wait for
// each other. Every attempt carries the message's clientId, so that repeating is harmless for as long as the server remembers it (24 h at least): what was first
// tried longer ago fails as stale and waits for a decision. Several tabs may hold the same messages: the one that wrote a message sends it, the others only if it
// still waits some seconds later.
import { ApiError, kLongestWaitS } from '../api/http';
import type { Message } from '../api/types';
import type { Store } from '../platform/storage';

export interface Pending {
    clientId: string;
    peerId: string;
    text: string;
    createdAt: string;
    order: number;
    firstTry?: number; // Date.now() of the first attempt
    failed?: { error: string; status: number; stale?: boolean };
}

export interface OutboxParts {
    account: string;
    store: Store;
    send(peerId: string, text: string, clientId: string): Promise<Message>;
    sent(pending: Pending, message: Message): void;
    // The log-in seems to be over. Resolves to whether to go on, after a pause.
    refused(): Promise<boolean>;
    // False: somebody else is signed in in this browser by now; nothing may be sent.
    allowed(): boolean;
    newId(): string;
    now?(): number;
    random?(): number;
}

interface Progress {
    tries: number;
    due: number; // not tried before, Date.now() scale
    mustWait: boolean; // the server said until when
}

export const kOutbox = 'parley:outbox:';
export const kForeignDelayMs = 5_000;
export const kRememberedMs = 23 * 3600_000;
const kFirstDelayMs = 1_000;
const kLastDelayMs = 30_000;

export function backOff(tries: number, random: number): number {
    return Math.min(kLastDelayMs, kFirstDelayMs * 2 ** Math.min(tries, 10) * (1 + random / 4));
}

export class Outbox {
    private readonly prefix: string;
    private pending: readonly Pending[] = [];
    private readonly byPeer = new Map<string, readonly Pending[]>();
    private readonly progress = new Map<string, Progress>();
    private readonly inFlight = new Map<string, string>(); // peerId -> clientId
    private readonly listeners = new Set<() => void>();
    private timer: ReturnType<typeof setTimeout> | undefined;
    private running = false;
    private paused = false;
    private pauses = 0;
    private unwatch = () => {};
    private readonly now: () => number;
    private readonly random: () => number;

    constructor(private readonly parts: OutboxParts) {
        this.prefix = `${kOutbox}${parts.account}:`;
        this.now = parts.now ?? Date.now;
        this.random = parts.random ?? Math.random;
        this.replace(this.read());
    }

    start(): void {
        this.running = true;
        this.unwatch = this.parts.store.watch((key, value) => this.changedElsewhere(key, value));
        this.replace(this.read());
        this.pump();
    }

    stop(): void {
        this.running = false;
        this.unwatch();
        clearTimeout(this.timer);
    }

    readonly subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    };

    // Stable until something changes.
    readonly all = (): readonly Pending[] => this.pending;

    of(peerId: string): readonly Pending[] {
        return this.byPeer.get(peerId) ?? kNone;
    }

    add(peerId: string, text: string): void {
        const now = this.now();
        const last = this.pending.reduce((highest, { order }) => Math.max(highest, order), 0);
        const made: Pending = { clientId: this.parts.newId(), peerId, text, createdAt: new Date(now).toISOString(), order: Math.max(now, last + 1) };
        this.progress.set(made.clientId, { tries: 0, due: 0, mustWait: false });
        this.write(made);
        this.replace([...this.pending, made]);
        this.pump();
    }

    // With the same key: if it had arrived after all, it is not stored twice.
    retry(clientId: string): void {
        const found = this.find(clientId);
        if (!found?.failed) return;
        const again: Pending = { ...found, failed: undefined, firstTry: undefined };
        this.progress.delete(clientId);
        this.write(again);
        this.replace(this.pending.map((pending) => (pending === found ? again : pending)));
        this.pump();
    }

    discard(clientId: string): void {
        this.settle(clientId);
    }

    // It is acknowledged or gone, as this or another tab has learnt.
    settle(clientId: string): void {
        this.parts.store.remove(this.prefix + clientId);
        this.forget(clientId);
    }

    // The network is back, or somebody asks for it: what waits without being told to is tried at once.
    wake(): void {
        this.paused = false;
        for (const progress of this.progress.values()) if (!progress.mustWait) progress.due = 0;
        this.pump();
    }

    private read(): Pending[] {
        return this.parts.store.keys(this.prefix).flatMap((key) => parse(this.parts.store.get(key)) ?? []);
    }

    private find(clientId: string): Pending | undefined {
        return this.pending.find((pending) => pending.clientId === clientId);
    }

    private write(pending: Pending): void {
        this.parts.store.set(this.prefix + pending.clientId, JSON.stringify(pending));
    }

    private replace(pending: readonly Pending[]): void {
        this.pending = [...pending].sort((a, b) => a.order - b.order || (a.clientId < b.clientId ? -1 : 1));
        const peers = new Map<string, Pending[]>();
        for (const one of this.pending) peers.set(one.peerId, [...(peers.get(one.peerId) ?? []), one]);
        for (const peer of this.byPeer.keys()) if (!peers.has(peer)) this.byPeer.delete(peer);
        for (const [peer, list] of peers) if (!sameItems(list, this.byPeer.get(peer))) this.byPeer.set(peer, list);
        for (const listener of [...this.listeners]) listener();
    }

    private forget(clientId: string): void {
        this.progress.delete(clientId);
        if (this.find(clientId)) this.replace(this.pending.filter((pending) => pending.clientId !== clientId));
        this.pump();
    }

    private changedElsewhere(key: string, value: string | null): void {
        if (!key.startsWith(this.prefix)) return;
        const clientId = key.slice(this.prefix.length);
        const changed = parse(value);
        if (!changed) return this.forget(clientId);
        const known = this.find(clientId);
        const isNew = !known || (known.failed && !changed.failed);
        if (isNew) this.progress.set(clientId, { tries: 0, due: this.now() + kForeignDelayMs, mustWait: false });
        this.replace([...this.pending.filter((pending) => pending !== known), changed]);
        this.pump();
    }

    private pump(): void {
        if (!this.running || this.paused) return; // the timer then is the one that ends the pause
        clearTimeout(this.timer);
        let next = Infinity;
        for (const [peer, list] of [...this.byPeer]) {
            const head = list.find(({ failed }) => !failed);
            if (!head || this.inFlight.has(peer)) continue;
            const due = this.progress.get(head.clientId)?.due ?? 0;
            // Nothing waits longer than that: somebody has set the clock back.
            if (due <= this.now() || due - this.now() > kLongestWaitS * 1000) void this.attempt(head);
            else next = Math.min(next, due);
        }
        if (next !== Infinity) this.timer = setTimeout(() => this.pump(), Math.max(0, next - this.now()));
    }

    private async attempt(head: Pending): Promise<void> {
        if (!this.parts.allowed()) return this.pause();
        const started = this.now();
        if (head.firstTry !== undefined && started - head.firstTry > kRememberedMs) {
            return this.fail(head.clientId, { error: '', status: 0, stale: true });
        }
        this.inFlight.set(head.peerId, head.clientId);
        if (head.firstTry === undefined) this.update(head.clientId, { firstTry: started });
        try {
            const message = await this.parts.send(head.peerId, head.text, head.clientId);
            this.parts.sent(head, message);
            this.inFlight.delete(head.peerId);
            this.pauses = 0;
            this.settle(head.clientId);
        } catch (error) {
            const refusal = error instanceof ApiError ? error : new ApiError(0, '');
            const ended = refusal.status === 404 && !(await this.parts.refused()); // it is the account itself that is gone, not the other one's
            this.inFlight.delete(head.peerId);
            if (!ended) this.refuse(head.clientId, refusal);
        }
    }

    private refuse(clientId: string, error: ApiError): void {
        if (!this.find(clientId)) return this.pump(); // settled by another tab meanwhile
        if (error.status === 401 || error.status === 412) return this.pause(); // it stays its owner's
        if (!passes(error.status)) return this.fail(clientId, { error: error.message, status: error.status });
        const tries = this.progress.get(clientId)?.tries ?? 0;
        const asked = (error.retryAfter ?? 0) * 1000;
        const wait = Math.max(asked, backOff(tries, this.random()));
        this.progress.set(clientId, { tries: tries + 1, due: this.now() + wait, mustWait: asked > 0 });
        this.pump();
    }

    private pause(): void {
        if (this.paused) return;
        this.paused = true;
        clearTimeout(this.timer);
        void this.parts.refused().then((same) => {
            if (same && this.running) this.timer = setTimeout(() => this.wake(), backOff(this.pauses++, this.random()));
        });
    }

    private fail(clientId: string, failed: NonNullable<Pending['failed']>): void {
        const lost = this.parts.store.get(this.prefix + clientId) === null;
        if (lost) return this.forget(clientId); // settled by another tab, which we have not heard of yet
        this.update(clientId, { failed });
        this.pump();
    }

    private update(clientId: string, change: Partial<Pending>): void {
        const found = this.find(clientId);
        if (!found) return;
        const changed = { ...found, ...change };
        this.write(changed);
        this.replace(this.pending.map((pending) => (pending === found ? changed : pending)));
    }
}

const kNone: readonly Pending[] = [];

// Worth trying again by itself: no answer, time-outs, too many, the server's own trouble.
const passes = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500;

const sameItems = (a: readonly Pending[], b?: readonly Pending[]) => b !== undefined && a.length === b.length && a.every((one, at) => one === b[at]);

function parse(text: string | null): Pending | undefined {
    try {
        const value = JSON.parse(text ?? 'null') as Pending | null;
        return value && typeof value.clientId === 'string' && typeof value.peerId === 'string' && typeof value.text === 'string' ? value : undefined;
    } catch {
        return undefined;
    }
}
