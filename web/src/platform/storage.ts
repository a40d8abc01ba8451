// localStorage that may be missing, forbidden or full: what does not fit there lives in memory until the page is closed.

export interface Store {
    get(key: string): string | null;
    // false: kept in memory only.
    set(key: string, value: string): boolean;
    remove(key: string): void;
    keys(prefix: string): string[];
    // What other tabs change. Returns the way to stop.
    watch(listener: (key: string, value: string | null) => void): () => void;
}

export function browserStorage(): Store {
    const memory = new Map<string, string>();
    const disk = findDisk();
    return {
        get: (key) => memory.get(key) ?? attempt(() => disk?.getItem(key)) ?? null,
        set(key, value) {
            const kept = disk !== undefined && attempt(() => (disk.setItem(key, value), true)) === true;
            if (kept) memory.delete(key);
            else memory.set(key, value);
            return kept;
        },
        remove(key) {
            memory.delete(key);
            attempt(() => disk?.removeItem(key));
        },
        keys(prefix) {
            const names = new Set(memory.keys());
            attempt(() => Object.keys(disk ?? {}).forEach((name) => names.add(name)));
            return [...names].filter((name) => name.startsWith(prefix));
        },
        watch(listener) {
            const heard = (event: StorageEvent) => {
                if (event.storageArea !== disk || event.key === null) return;
                memory.delete(event.key); // the other tab's word is the later one
                listener(event.key, event.newValue);
            };
            window.addEventListener('storage', heard);
            return () => window.removeEventListener('storage', heard);
        },
    };
}

function findDisk(): Storage | undefined {
    return attempt(() => window.localStorage);
}

function attempt<T>(action: () => T): T | undefined {
    try {
        return action();
    } catch {
        return undefined;
    }
}
