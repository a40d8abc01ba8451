// Everything that belongs to one signed-in account: made at sign-in, stopped at sign-out. Wires the parts to each other; decides little itself.
import type { QueryClient } from '@tanstack/react-query';
import { AccountCalls, type Page } from '../api/calls';
import type { ApiError } from '../api/http';
import type { Account, Message, User } from '../api/types';
import { showBadge } from '../platform/badge';
import { openChannel, type Channel } from '../platform/channel';
import { Observable } from '../platform/observable';
import { randomId } from '../platform/random_id';
import type { Settings } from '../platform/settings';
import type { Store } from '../platform/storage';
import { isWatched, onWatchedChange } from '../platform/visibility';
import { Connection } from '../realtime/connection';
import { Alerts } from './alerts';
import { ConversationList, isLate, peerOf, unreadTotal, withMark, withMessage } from './conversations';
import { Drafts } from './drafts';
import { Histories } from './histories';
import { Outbox } from './outbox';
import { Reading } from './reading';
import type { SessionKeeper } from './session';
import { newestShown } from './timeline';
import type { LiveMessage } from './types';

interface Acknowledged {
    clientId: string;
    message: Message;
}

const kSelfHoldMs = 3_000;
const kNewcomersMs = 3_000;
const kLateMs = 500;

export class Workspace {
    readonly online = new Observable<ReadonlySet<string>>(new Set());
    readonly calls: AccountCalls;
    readonly conversations: ConversationList;
    readonly drafts: Drafts;
    readonly outbox: Outbox;
    readonly histories: Histories;
    readonly reading: Reading;
    readonly connection: Connection;
    private readonly alerts: Alerts;
    private readonly handlers = new Set<(live: LiveMessage) => void>();
    private readonly stops: (() => void)[] = [];
    private tabs: Channel<Acknowledged> | undefined;
    private newcomers: ReturnType<typeof setTimeout> | undefined;
    private late: ReturnType<typeof setTimeout> | undefined;
    private running = false;

    constructor(
        readonly account: Account,
        readonly queries: QueryClient,
        private readonly session: SessionKeeper,
        store: Store,
        settings: () => Settings,
    ) {
        const me = account._id;
        this.calls = new AccountCalls(me, () => void session.check());
        this.conversations = new ConversationList(me, queries, this.calls, () => void session.check());
        this.drafts = new Drafts(me, store);
        this.alerts = new Alerts(store, settings);
        this.connection = new Connection({
            opened: () => this.opened(),
            lost: () => this.histories.lost(),
            ended: () => session.check(),
            newMessage: (message) => void this.received(message),
            messageSent: (message) => this.sentElsewhere(message),
            conversationRead: (mark) => this.conversations.apply((list) => withMark(list, mark)),
            online: (ids) => this.setOnline(ids),
        });
        this.outbox = new Outbox({
            account: me,
            store,
            send: (peerId, text, clientId) => this.send(peerId, text, clientId),
            sent: ({ clientId }, message) => this.acknowledged(message, clientId, true),
            refused: () => session.check(),
            allowed: () => session.owns(me),
            newId: randomId,
        });
        this.histories = new Histories({
            me,
            read: this.calls.history,
            isOnline: () => this.connection.isOpen,
            unread: (peerId) => this.unreadOf(peerId),
            changed: (peerId) => this.reading.check(peerId),
            failed: (error) => this.failed(error),
            foreign: () => void session.check(),
        });
        this.reading = new Reading({ isWatched, target: (peerId) => this.readTarget(peerId), mark: (peerId, id) => this.mark(peerId, id) });
    }

    start(): void {
        if (this.running) return;
        this.running = true;
        this.drafts.start();
        this.outbox.start();
        this.tabs = openChannel<Acknowledged>(`parley:sent:${this.account._id}`, ({ clientId, message }) => this.acknowledged(message, clientId, false));
        this.stops.push(this.conversations.subscribe(() => this.listChanged()), onWatchedChange(() => this.watchedChanged()));
        const wake = () => this.wake();
        window.addEventListener('online', wake);
        this.stops.push(() => window.removeEventListener('online', wake));
        const leave = () => this.reading.leave();
        window.addEventListener('pagehide', leave);
        this.stops.push(() => window.removeEventListener('pagehide', leave));
        const drop = () => this.connection.drop();
        window.addEventListener('offline', drop);
        this.stops.push(() => window.removeEventListener('offline', drop));
        this.connection.start();
        this.listChanged();
    }

    stop(): void {
        this.running = false;
        for (const stop of this.stops.splice(0)) stop();
        clearTimeout(this.newcomers);
        clearTimeout(this.late);
        this.tabs?.close();
        this.connection.stop();
        this.outbox.stop();
        this.drafts.stop();
        this.histories.stop();
        this.reading.stop();
        this.alerts.stop();
        showBadge(0);
    }

    onLive(handler: (live: LiveMessage) => void): () => void {
        this.handlers.add(handler);
        return () => this.handlers.delete(handler);
    }

    // What answered 401 ends the session; the rest is the caller's to show.
    failed(error: ApiError | null): void {
        if (error?.status === 401 && this.running) this.session.expire();
    }

    wake(): void {
        this.connection.retryNow();
        this.outbox.wake();
    }

    findUser(id: string): User | undefined {
        if (id === this.account._id) return this.account;
        return this.conversations.get()?.get(id)?.user;
    }

    private opened(): void {
        void this.session.check(); // a socket may be another account's, or that of one that is gone
        this.reading.forget();
        this.conversations.refresh();
        void this.queries.invalidateQueries({ queryKey: ['users', this.account._id] });
        void this.queries.invalidateQueries({ queryKey: ['user', this.account._id] });
        this.histories.back();
        this.outbox.wake();
    }

    private watchedChanged(): void {
        if (!isWatched()) return this.reading.leave();
        this.connection.retryNow();
        this.reading.checkAll();
    }

    private listChanged(): void {
        this.failed(this.conversations.result().error as ApiError | null);
        showBadge(unreadTotal(this.conversations.get()));
        this.histories.unreadKnown();
        this.reading.checkAll();
    }

    // Whoever is online and not in the directory, as far as it is loaded to its end, has just signed up.
    private setOnline(ids: string[]): void {
        this.online.set(new Set(ids));
        const pages = this.queries.getQueryData<{ pages: Page<User>[] }>(['users', this.account._id, ''])?.pages;
        if (!pages || this.newcomers || pages[pages.length - 1]?.next !== undefined) return;
        const known = new Set(pages.flatMap(({ items }) => items.map(({ _id }) => _id)));
        if (ids.every((id) => known.has(id) || id === this.account._id)) return;
        this.newcomers = setTimeout(() => {
            this.newcomers = undefined;
            void this.queries.invalidateQueries({ queryKey: ['users', this.account._id] });
        }, kNewcomersMs);
    }

    private async send(peerId: string, text: string, clientId: string): Promise<Message> {
        const message = await this.calls.send(peerId, text, clientId, this.connection.socketId);
        if (message.senderId !== this.account._id) void this.session.check(); // the cookie has become another one's
        return message;
    }

    private acknowledged(message: Message, clientId: string, tell: boolean): void {
        const peer = peerOf(message, this.account._id);
        if (!peer) return;
        if (tell) this.tabs?.post({ clientId, message });
        this.histories.acknowledged(peer, message, clientId);
        this.summarise(message, this.findUser(peer), true);
        if (!tell) this.outbox.settle(clientId);
    }

    private sentElsewhere({ clientId, ...message }: Message & { clientId?: string }): void {
        const peer = peerOf(message, this.account._id);
        if (!peer) return;
        this.histories.live(peer, message, clientId);
        if (clientId) this.outbox.settle(clientId);
        this.tellLive({ message, peerId: peer, mine: true, user: this.findUser(peer) });
        void this.summarise(message, this.findUser(peer), true);
    }

    private async received(message: Message): Promise<void> {
        const me = this.account._id;
        const peer = peerOf(message, me);
        if (!peer) return;
        const mine = message.senderId === me;
        if (mine) await this.ownNotesSettled();
        const seen = this.reading.isReading(peer);
        this.histories.live(peer, message);
        if (seen && !mine) this.reading.seen(peer, message._id);
        const user = await this.summarise(message, this.findUser(peer), seen);
        if (!this.running) return; // signed out meanwhile
        this.tellLive({ message, peerId: peer, mine, user });
        if (!mine) this.alerts.arrived({ id: message._id, peerId: peer, name: user?.fullName ?? '', text: message.message }, seen);
    }

    // One request for a burst of events.
    private countAgain(): void {
        clearTimeout(this.late);
        this.late = setTimeout(() => this.conversations.refresh(), kLateMs);
    }

    // A note to self comes back as newMessage without its clientId, before its own answer: shown only once it is known which pending one it is.
    private ownNotesSettled(): Promise<void> {
        return new Promise((done) => {
            const check = () => {
                if (this.outbox.of(this.account._id).some(({ failed }) => !failed)) return;
                clearTimeout(timer);
                stop();
                done();
            };
            const timer = setTimeout(() => (stop(), done()), kSelfHoldMs);
            const stop = this.outbox.subscribe(check);
            check();
        });
    }

    // Into the list of conversations; asks who somebody is that it has never heard of.
    private async summarise(message: Message, user: User | undefined, seen: boolean): Promise<User | undefined> {
        const me = this.account._id;
        const peer = peerOf(message, me)!;
        if (isLate(this.conversations.get(), message, me)) this.countAgain();
        const put = (other: User | undefined) => this.conversations.apply((list) => withMessage(list, message, me, other, seen));
        put(user);
        if (user) return user;
        try {
            const found = await this.fetchUser(peer);
            put(found);
            return found;
        } catch {
            return undefined; // the next fetch of the list has it
        }
    }

    fetchUser(id: string): Promise<User> {
        return this.queries.fetchQuery({ queryKey: ['user', this.account._id, id], queryFn: ({ signal }) => this.calls.user(id, signal), staleTime: 60_000 });
    }

    private tellLive(live: LiveMessage): void {
        for (const handler of [...this.handlers]) handler(live);
    }

    private unreadOf(peerId: string): { count: number; readId: string | null } | undefined {
        const list = this.conversations.get();
        if (!list) return undefined;
        const line = list.get(peerId);
        return { count: line?.unreadCount ?? 0, readId: line?.lastReadMessageId ?? null };
    }

    private readTarget(peerId: string): string | undefined {
        const { timeline } = this.histories.get(peerId);
        const newest = newestShown(timeline);
        const line = this.conversations.get()?.get(peerId);
        if (!timeline.synced || !newest || !line || peerId === this.account._id) return undefined;
        const unread = line.unreadCount > 0 || (newest.senderId === peerId && line.lastReadMessageId !== newest._id);
        return unread ? newest._id : undefined;
    }

    private async mark(peerId: string, messageId: string): Promise<void> {
        try {
            const mark = await this.calls.markRead(peerId, messageId, this.connection.socketId);
            this.conversations.apply((list) => withMark(list, mark));
        } catch (error) {
            this.failed(error as ApiError);
            throw error;
        }
    }
}
