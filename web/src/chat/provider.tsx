// Puts the logic above the screens, and stops it with them.
import { QueryClientProvider } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { App } from './app';
import type { Workspace } from './workspace';

const AppContext = createContext<App | undefined>(undefined);

export function ChatProvider({ children }: { children: ReactNode }) {
    const [app] = useState(() => new App());
    useEffect(() => {
        app.start();
        return () => app.stop();
    }, [app]);
    return (
        <AppContext value={app}>
            <QueryClientProvider client={app.queries}>{children}</QueryClientProvider>
        </AppContext>
    );
}

export function useApp(): App {
    const app = useContext(AppContext);
    if (!app) throw new Error('Outside of ChatProvider');
    return app;
}

// Undefined while nobody is signed in.
export function useWorkspace(): Workspace | undefined {
    const { workspace } = useApp();
    return useSyncExternalStore(workspace.subscribe, workspace.get);
}
