// The choices of one person on this browser.
export interface Settings {
    theme: 'system' | 'light' | 'dark';
    language: 'system' | 'en' | 'de';
    sound: boolean;
    notifications: boolean; // wanted; the browser's permission is asked for separately
}

export const kDefaultSettings: Settings = { theme: 'system', language: 'system', sound: true, notifications: false };
