// The root of the logic: the session, the settings, and the workspace of whoever is signed in. Lives as long as the page.
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/http';
import { Observable } from '../platform/observable';
import { readSettings, writeSettings, type Settings } from '../platform/settings';
import { browserStorage } from '../platform/storage';
import { applyTheme } from '../platform/theme';
import { Keeping } from './keeping';
import { SessionKeeper } from './session';
import { Workspace } from './workspace';

export class App {
    readonly store = browserStorage();
    readonly keeping = new Keeping(this.store);
    readonly session = new SessionKeeper(this.store);
    readonly settings = new Observable<Settings>(readSettings(this.store));
    readonly workspace = new Observable<Workspace | undefined>(undefined);
    readonly queries = new QueryClient({
        defaultOptions: {
            queries: {
                networkMode: 'always',
                staleTime: 60_000,
                retry: (tries, error) => tries < 3 && worthTrying(error),
            },
        },
    });
    private stops: (() => void)[] = [];

    constructor() {
        applyTheme(this.settings.get().theme); // before anything is drawn
    }

    start(): void {
        this.stops = [
            this.session.state.subscribe(() => this.sessionChanged()),
            this.settings.subscribe(() => applyTheme(this.settings.get().theme)),
            this.store.watch((key) => {
                if (key.startsWith('parley:settings')) this.readSettings();
            }),
        ];
        this.keeping.start();
        this.session.start();
        this.workspace.get()?.start();
    }

    stop(): void {
        for (const stop of this.stops.splice(0)) stop();
        this.keeping.stop();
        this.session.stop();
        this.workspace.get()?.stop();
    }

    changeSettings(change: Partial<Settings>): void {
        const settings = { ...this.settings.get(), ...change };
        writeSettings(this.store, settings, this.session.state.get().user?._id);
        this.settings.set(settings);
    }

    private sessionChanged(): void {
        const user = this.session.state.get().user;
        const before = this.workspace.get();
        if (before?.account._id !== user?._id) {
            before?.stop();
            this.queries.clear();
            this.workspace.set(user && new Workspace(user, this.queries, this.session, this.store, this.settings.get));
            this.workspace.get()?.start();
        }
        this.readSettings();
    }

    private readSettings(): void {
        this.settings.set(readSettings(this.store, this.session.state.get().user?._id));
    }
}

const worthTrying = (error: Error) => !(error instanceof ApiError) || error.status === 0 || error.status === 408 || error.status >= 500;
