// The conversations that have been opened: loads their pages, closes gaps after each reconnect, and tells what is shown.
// One request per conversation and direction at a time. What cannot be read is tried again with growing pauses while the conversation is open.
import type { HistoryPage } from '../api/calls';
import { ApiError } from '../api/http';
import type { Message } from '../api/types';
import { peerOf } from './conversations';
import { backOff } from './outbox';
import { firstUnread, kEmptyTimeline, newestShown, reduceTimeline, type Timeline, type TimelineEvent } from './timeline';

export interface HistoryParts {
    me: string;
    read(peerId: string, limit: number, place?: { before?: string; after?: string }): Promise<HistoryPage>;
    isOnline(): boolean; // events arrive
    // How the conversation stood when it was opened; undefined: not known yet.
    unread(peerId: string): { count: number; readId: string | null } | undefined;
    changed(peerId: string): void;
    failed(error: ApiError): void;
    foreign(): void; // the server has answered as to somebody else: the cookie is another one's by now
}

export interface History {
    timeline: Timeline;
    older: 'idle' | 'loading' | 'none' | 'error';
    error?: ApiError; // of the first page
    firstUnreadId?: string;
}

interface Marker {
    unread?: { count: number; readId: string | null };
    endId?: string; // where the conversation ended then
    done: boolean;
}

export const kPage = 50;
const kBefore = 10;
const kMostAtOnce = 500; // of the server
const kCatchUpPage = 200;
export const kKept = 30; // conversations that are not open any more
const kUnopened: History = { timeline: kEmptyTimeline, older: 'idle' };

export class Histories {
    private readonly histories = new Map<string, History>();
    private readonly opened = new Map<string, number>();
    private readonly markers = new Map<string, Marker>();
    private readonly syncing = new Set<string>();
    private readonly retries = new Map<string, { tries: number; timer: ReturnType<typeof setTimeout> }>();
    private readonly listeners = new Set<() => void>();
    private losses = 0;

    constructor(private readonly parts: HistoryParts) {}

    readonly subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    };

    get(peerId: string): History {
        return this.histories.get(peerId) ?? kUnopened;
    }

    isOpen(peerId: string): boolean {
        return this.opened.has(peerId);
    }

    open(peerId: string): void {
        const views = this.opened.get(peerId) ?? 0;
        this.opened.set(peerId, views + 1);
        if (views > 0) return;
        this.markers.set(peerId, { done: false });
        this.mark(peerId);
        if (!this.get(peerId).timeline.synced) void this.sync(peerId);
    }

    close(peerId: string): void {
        const views = (this.opened.get(peerId) ?? 1) - 1;
        if (views > 0) return void this.opened.set(peerId, views);
        this.opened.delete(peerId);
        this.markers.delete(peerId);
        this.forgetRetry(peerId);
        this.change(peerId, { firstUnreadId: undefined });
        this.forgetOldest(peerId);
    }

    // Events may be missed from now on.
    lost(): void {
        this.losses++;
        for (const peerId of this.histories.keys()) this.dispatch(peerId, { type: 'lost' });
    }

    // Events arrive again: the open conversations at once, the others when they are opened.
    back(): void {
        for (const peerId of this.opened.keys()) void this.sync(peerId);
    }

    // A conversation that nobody has opened needs no events: its pages will have them.
    live(peerId: string, message: Message, clientId?: string): void {
        if (this.histories.has(peerId)) this.dispatch(peerId, { type: 'live', message, clientId });
    }

    // As live(), for an own message; asks for what came before it, if that may be missing.
    acknowledged(peerId: string, message: Message, clientId: string): void {
        if (!this.histories.has(peerId)) this.change(peerId, {});
        this.dispatch(peerId, { type: 'live', message, clientId });
        if (this.isOpen(peerId) && !this.get(peerId).timeline.synced) void this.sync(peerId);
    }

    reload(peerId: string): void {
        this.forgetRetry(peerId);
        this.change(peerId, { error: undefined });
        void this.sync(peerId);
    }

    // The list of conversations has come: how many were unread is known now.
    unreadKnown(): void {
        for (const peerId of this.opened.keys()) this.mark(peerId);
    }

    async loadOlder(peerId: string): Promise<void> {
        const { older, timeline } = this.get(peerId);
        const from = timeline.older;
        if (from === undefined || older === 'loading' || older === 'none') return;
        this.change(peerId, { older: 'loading' });
        try {
            const page = await this.read(peerId, kPage, { before: from });
            const event: TimelineEvent = { type: 'older', from, messages: page.messages, older: page.older };
            const next = reduceTimeline(this.get(peerId).timeline, event);
            this.change(peerId, { timeline: next, older: next.older === undefined ? 'none' : 'idle' });
            this.mark(peerId);
        } catch (error) {
            this.change(peerId, { older: 'error' });
            this.parts.failed(error as ApiError);
        }
    }

    stop(): void {
        for (const { timer } of this.retries.values()) clearTimeout(timer);
        this.retries.clear();
        this.opened.clear();
    }

    private async sync(peerId: string): Promise<void> {
        if (this.syncing.has(peerId)) return;
        this.syncing.add(peerId);
        this.forgetRetry(peerId, false);
        let again = false;
        try {
            do {
                const losses = this.losses;
                const online = this.parts.isOnline();
                const current = () => online && losses === this.losses;
                await this.catchUp(peerId, current);
                again = !current() && this.parts.isOnline();
            } while (again && this.isOpen(peerId));
            this.retries.delete(peerId);
        } catch (error) {
            this.readFailed(peerId, error as ApiError);
        } finally {
            this.syncing.delete(peerId);
        }
    }

    private async catchUp(peerId: string, current: () => boolean): Promise<void> {
        for (;;) {
            const from = this.get(peerId).timeline.newer;
            if (from === undefined) return this.loadLatest(peerId, current);
            const page = await this.newerThan(peerId, from);
            if (!page) return this.loadLatest(peerId, current);
            // A page of long messages has fewer than were asked for though there are more: only an empty one is the end.
            const end = page.messages.length === 0;
            this.dispatch(peerId, { type: 'newer', from, messages: page.messages, newer: page.newer, complete: end && current() });
            if (end || page.newer === undefined) return;
        }
    }

    // Undefined if the server no longer knows the place (another database): what is shown cannot be continued.
    private async newerThan(peerId: string, from: string): Promise<HistoryPage | undefined> {
        try {
            return await this.read(peerId, kCatchUpPage, { after: from });
        } catch (error) {
            if (error instanceof ApiError && error.status === 400) return undefined;
            throw error;
        }
    }

    // Messages of other people never get into a conversation, whoever's they are.
    private async read(peerId: string, limit: number, place?: { before?: string; after?: string }): Promise<HistoryPage> {
        const page = await this.parts.read(peerId, limit, place);
        if (page.messages.every((message) => peerOf(message, this.parts.me) === peerId)) return page;
        this.parts.foreign();
        throw new ApiError(0, '');
    }

    private async loadLatest(peerId: string, current: () => boolean): Promise<void> {
        const page = await this.read(peerId, this.firstPage(peerId));
        this.change(peerId, { older: page.older === undefined ? 'none' : 'idle', error: undefined });
        this.dispatch(peerId, { type: 'latest', ...page, complete: current() });
    }

    // What is unread comes at once, and a little of what was before it, so that a conversation opens at its "new messages".
    private firstPage(peerId: string): number {
        const unread = this.parts.unread(peerId)?.count ?? 0;
        return Math.min(Math.max(unread + kBefore, kPage), kMostAtOnce);
    }

    private readFailed(peerId: string, error: ApiError): void {
        this.parts.failed(error);
        if (!this.get(peerId).timeline.loaded) this.change(peerId, { error });
        const final = error.status >= 400 && error.status < 500 && ![408, 412, 429].includes(error.status);
        if (final || !this.isOpen(peerId)) return;
        const tries = this.retries.get(peerId)?.tries ?? 0;
        const wait = Math.max(backOff(tries, Math.random()), (error.retryAfter ?? 0) * 1000);
        this.retries.set(peerId, { tries: tries + 1, timer: setTimeout(() => void this.sync(peerId), wait) });
    }

    // Of those that are not open the ones opened last stay; the others are read again when they are opened.
    private forgetOldest(closed: string): void {
        const history = this.get(closed);
        this.histories.delete(closed);
        this.histories.set(closed, history); // the last one now
        const idle = [...this.histories.keys()].filter((peerId) => !this.isOpen(peerId));
        for (const peerId of idle.slice(0, Math.max(0, idle.length - kKept))) this.histories.delete(peerId);
    }

    private forgetRetry(peerId: string, alsoCount = true): void {
        clearTimeout(this.retries.get(peerId)?.timer);
        if (alsoCount) this.retries.delete(peerId);
    }

    private dispatch(peerId: string, event: TimelineEvent): void {
        const timeline = reduceTimeline(this.get(peerId).timeline, event);
        if (timeline === this.get(peerId).timeline) return;
        this.change(peerId, { timeline });
        this.mark(peerId);
    }

    // Places the "new messages" marker: once, where the conversation stood when it was opened.
    private mark(peerId: string): void {
        const marker = this.markers.get(peerId);
        if (!marker || marker.done) return;
        marker.unread ??= this.parts.unread(peerId);
        if (marker.unread?.count === 0) marker.done = true;
        const { timeline } = this.get(peerId);
        if (!marker.unread || marker.done || !timeline.synced) return;
        marker.endId ??= newestShown(timeline)?._id;
        const shown = [...timeline.paged, ...timeline.live];
        const end = shown.findIndex(({ _id }) => _id === marker.endId);
        const id = firstUnread(shown.slice(0, end + 1), this.parts.me, marker.unread.count, marker.unread.readId);
        marker.done = id !== undefined || timeline.older === undefined;
        if (id) this.change(peerId, { firstUnreadId: id });
    }

    private change(peerId: string, change: Partial<History>): void {
        this.histories.set(peerId, { ...this.get(peerId), ...change });
        for (const listener of [...this.listeners]) listener();
        this.parts.changed(peerId);
    }
}
