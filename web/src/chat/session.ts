// Who is signed in. The cookie is shared by all tabs of a browser, so they tell each other; what the server says counts.
// `parley:account` in the storage is the last word of any tab on whose cookie it is: nothing is sent in another one's name.
import * as calls from '../api/calls';
import { ApiError } from '../api/http';
import type { Account, Credentials, SignUpForm } from '../api/types';
import { openChannel, type Channel } from '../platform/channel';
import { Observable } from '../platform/observable';
import type { Store } from '../platform/storage';
import { kDrafts } from './drafts';
import { backOff, kOutbox } from './outbox';
import type { SessionNotice, SessionPhase } from './types';

export interface SessionState {
    phase: SessionPhase;
    user?: Account;
    notice?: SessionNotice;
    unanswered?: boolean; // while loading: the server has been asked for a while
}

type Words = { type: 'signedIn'; account: string } | { type: 'signedOut'; account: string };

export const kPatienceMs = 2_000;
const kOwner = 'parley:account';

export class SessionKeeper {
    readonly state = new Observable<SessionState>({ phase: 'loading' });
    private channel: Channel<Words> | undefined;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private patience: ReturnType<typeof setTimeout> | undefined;
    private loads = 0;
    private checking: Promise<boolean> | undefined;

    constructor(private readonly store: Store) {}

    start(): void {
        this.channel = openChannel<Words>('parley:session', (words) => this.heard(words));
        if (this.state.get().phase !== 'loading') return;
        this.patience = setTimeout(() => this.state.get().phase === 'loading' && this.state.set({ phase: 'loading', unanswered: true }), kPatienceMs);
        void this.load(0);
    }

    stop(): void {
        clearTimeout(this.timer);
        clearTimeout(this.patience);
        this.channel?.close();
        this.channel = undefined;
    }

    // False when another tab has signed somebody else in or this account out.
    owns(account: string): boolean {
        return this.store.get(kOwner) === account;
    }

    // Asks the server. True: the same person is still signed in, or nobody can tell now. Otherwise the state has changed.
    check(): Promise<boolean> {
        this.checking ??= this.ask().finally(() => (this.checking = undefined));
        return this.checking;
    }

    // An answer of any call was 401.
    expire(): void {
        const { phase, user } = this.state.get();
        if (phase === 'signedIn' && user) this.leave(this.owns(user._id) ? 'expired' : 'signedOutElsewhere');
    }

    async signIn(credentials: Credentials): Promise<void> {
        this.enter(await calls.signIn(credentials), true);
    }

    async signUp(form: SignUpForm): Promise<void> {
        this.enter(await calls.signUp(form), true);
    }

    // On purpose. remove: somebody has agreed that what the account has not sent is removed from this browser. It is kept otherwise, as when a log-in ends by
    // itself: it may have been written after they were asked.
    async signOut(remove = false): Promise<void> {
        const account = this.state.get().user?._id;
        if (account && !(await this.check())) return this.left(account, remove); // the log-in to be ended is over, or the cookie somebody else's
        this.store.remove(kOwner); // first: other tabs may hear of it from the server before this one does
        try {
            await calls.signOut(account);
        } catch (error) {
            if (error instanceof ApiError && error.status === 412) {
                if (account && !(await this.check())) this.left(account, remove);
                return;
            }
            if (!(error instanceof ApiError && error.status === 401)) {
                if (account) this.store.set(kOwner, account);
                throw error;
            }
        }
        if (account && this.owns(account)) this.store.remove(kOwner); // a check that ran meanwhile has put it back
        if (account) this.channel?.post({ type: 'signedOut', account });
        this.leave();
        if (account) this.left(account, remove);
    }

    // Texts begun and not sent are for nobody else who uses this browser.
    private left(account: string, remove: boolean): void {
        if (!remove) return;
        for (const kind of [kDrafts, kOutbox]) for (const key of this.store.keys(`${kind}${account}:`)) this.store.remove(key);
    }

    // While loading: does not wait for the time of the next attempt, nor for an answer that does not come.
    retryNow(): void {
        clearTimeout(this.timer);
        if (this.state.get().phase === 'loading') void this.load(0);
    }

    private async load(tries: number): Promise<void> {
        const load = ++this.loads;
        // By another way it may be known earlier, and better.
        const overtaken = () => this.state.get().phase !== 'loading';
        try {
            const account = await calls.me();
            if (!overtaken()) this.enter(account, false);
        } catch (error) {
            if (overtaken()) return;
            const { status } = error as ApiError;
            if (status === 401 || status === 404) return this.leave(this.store.get(kOwner) === null ? undefined : 'expired');
            if (load !== this.loads) return; // another attempt is on its way
            this.timer = setTimeout(() => void this.load(tries + 1), backOff(tries, Math.random()));
        }
    }

    private async ask(): Promise<boolean> {
        const before = this.state.get().user?._id;
        try {
            const account = await calls.me();
            if (this.state.get().user?._id !== before) return false; // overtaken
            if (account._id === before) return this.store.set(kOwner, before), true;
            this.enter(account, false);
            return false;
        } catch (error) {
            const { status } = error as ApiError;
            if (status !== 401 && status !== 404) return true;
            if (this.state.get().user?._id === before) this.expire();
            return false;
        }
    }

    private enter(account: Account, tell: boolean): void {
        this.store.set(kOwner, account._id);
        if (tell) this.channel?.post({ type: 'signedIn', account: account._id });
        this.state.set({ phase: 'signedIn', user: account });
    }

    private leave(notice?: SessionNotice): void {
        this.state.set({ phase: 'signedOut', notice });
    }

    private heard(words: Words): void {
        const { phase, user } = this.state.get();
        if (words.type === 'signedOut') {
            if (phase === 'signedIn' && user?._id === words.account) this.leave('signedOutElsewhere');
        } else if (user?._id !== words.account) {
            void this.check();
        }
    }
}
