import type { Store } from './storage';

// The choices of one person on this browser.
export interface Settings {
    theme: 'system' | 'light' | 'dark';
    language: 'system' | 'en' | 'de';
    sound: boolean;
    notifications: boolean; // wanted; the browser's permission is asked for separately
}

export const kDefaultSettings: Settings = { theme: 'system', language: 'system', sound: true, notifications: false };

const kDevice = 'parley:settings';
const keyOf = (account?: string) => (account ? `${kDevice}:${account}` : kDevice);

// Without an account: the last choices made on this browser, for the sign-in screen.
export function readSettings(store: Store, account?: string): Settings {
    try {
        const kept = JSON.parse(store.get(keyOf(account)) ?? 'null') as Partial<Settings> | null;
        return { ...kDefaultSettings, ...kept };
    } catch {
        return kDefaultSettings;
    }
}

// Theme and language also become the browser's own, which tells nothing of the account.
export function writeSettings(store: Store, settings: Settings, account?: string): void {
    if (account) store.set(keyOf(account), JSON.stringify(settings));
    store.set(keyOf(), JSON.stringify({ theme: settings.theme, language: settings.language }));
}
