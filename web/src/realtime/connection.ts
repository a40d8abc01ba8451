// The socket: one at a time, kept alive by itself, with its state told. Its own reconnecting is switched off so that the time of the next attempt is known.
import { io, type Socket } from 'socket.io-client';
import type { Message, ReadMark } from '../api/types';
import { Observable } from '../platform/observable';
import { kFirstState, reduceConnection, retryDelay, type ConnectionEvent, type ConnectionState } from './connection_state';

export interface ConnectionParts {
    url?: string; // the page's own origin by default
    options?: Record<string, unknown>; // of socket.io-client, for tests
    opened(): void; // each time; what was missed is to be asked for, recovered or not
    lost(): void;
    // The server ended it on purpose. Resolves to whether to come back.
    ended(): Promise<boolean>;
    newMessage(message: Message): void;
    messageSent(message: Message & { clientId?: string }): void;
    conversationRead(mark: ReadMark): void;
    online(ids: string[]): void;
}

const kBackMs = 3_000;
const kOpenMs = 10_000;

export class Connection {
    readonly state = new Observable<ConnectionState>(kFirstState);
    private readonly socket: Socket;
    private retryTimer: ReturnType<typeof setTimeout> | undefined;
    private backTimer: ReturnType<typeof setTimeout> | undefined;
    private running = false;

    constructor(private readonly parts: ConnectionParts) {
        const options = { autoConnect: false, reconnection: false, forceNew: true, timeout: kOpenMs, auth: { recover: true }, ...parts.options };
        this.socket = parts.url ? io(parts.url, options) : io(options);
        this.socket.on('connect', () => this.opened());
        this.socket.on('disconnect', (reason) => void this.closed(reason === 'io server disconnect'));
        this.socket.on('connect_error', () => void this.closed(this.socket.io.engine?.readyState === 'open'));
        this.socket.on('newMessage', parts.newMessage);
        this.socket.on('messageSent', parts.messageSent);
        this.socket.on('conversationRead', parts.conversationRead);
        this.socket.on('getOnlineUsers', parts.online);
    }

    // For X-Socket-Id; undefined while there is none.
    get socketId(): string | undefined {
        return this.socket.connected ? this.socket.id : undefined;
    }

    get isOpen(): boolean {
        return this.socket.connected;
    }

    start(): void {
        this.running = true;
        this.socket.connect();
    }

    stop(): void {
        this.running = false;
        clearTimeout(this.retryTimer);
        clearTimeout(this.backTimer);
        this.socket.disconnect();
    }

    // Does not wait for the time of the next attempt; nothing if one runs already.
    retryNow(): void {
        if (!this.running || this.state.get().retryAt === undefined) return;
        clearTimeout(this.retryTimer);
        this.tell({ type: 'trying' });
        this.socket.connect();
    }

    // The browser says that it is offline. The library itself believes that only of hosts other than localhost; a wrong alarm costs one reconnect.
    drop(): void {
        if (this.running) this.socket.io.engine?.close();
    }

    private opened(): void {
        this.tell({ type: 'opened' });
        clearTimeout(this.backTimer);
        this.backTimer = setTimeout(() => this.tell({ type: 'rested' }), kBackMs);
        this.parts.opened();
    }

    private async closed(byServer: boolean): Promise<void> {
        if (!this.running) return;
        clearTimeout(this.backTimer);
        const wait = retryDelay(this.state.get().failures, Math.random());
        this.tell({ type: 'closed', retryAt: Date.now() + wait });
        clearTimeout(this.retryTimer);
        this.retryTimer = setTimeout(() => this.retryNow(), wait);
        this.parts.lost();
        if (byServer && !(await this.parts.ended())) this.stop();
    }

    private tell(event: ConnectionEvent): void {
        this.state.set(reduceConnection(this.state.get(), event));
    }
}
