// Browser notifications: asked for by a button only, silent where they do not exist (plain http, some phones).
export type Permission = 'default' | 'granted' | 'denied' | 'unsupported';

export function notificationPermission(): Permission {
    return 'Notification' in window && window.isSecureContext ? Notification.permission : 'unsupported';
}

export async function askForNotifications(): Promise<Permission> {
    if (notificationPermission() === 'unsupported') return 'unsupported';
    return Notification.requestPermission();
}

// tag: one notification per tag, whichever tab shows it. Some phones refuse the constructor: then there is none.
export function notify(title: string, body: string, tag: string, open: () => void): void {
    if (notificationPermission() !== 'granted') return;
    try {
        const shown = new Notification(title, { body, tag, icon: '/favicon.svg' });
        shown.onclick = () => {
            window.focus();
            shown.close();
            open();
        };
    } catch {
        // refused: nothing to be done
    }
}
