// localStorage that may be missing, forbidden or full: what does not fit there lives in memory until the page is closed.
import { Observable } from './observable';

export interface Store {
    get(key: string): string | null;
    // false: kept in memory only.
    set(key: string, value: string): boolean;
    remove(key: string): void;
    keys(prefix: string): string[];
    // What other tabs change. Returns the way to stop.
    watch(listener: (key: string, value: string | null) => void): () => void;
    // The keys that are kept in memory only.
    readonly unkept: Observable<readonly string[]>;
    // Tries again to keep them. True if all are kept now, and there would be room for the largest that was refused.
    keepAgain(): boolean;
}

const kProbe = 'parley:probe';

export function browserStorage(): Store {
    const memory = new Map<string, string>();
    const disk = findDisk();
    const unkept = new Observable<readonly string[]>([]);
    let refused = 0; // the length of the largest value
    const put = (key: string, value: string) => disk !== undefined && attempt(() => (disk.setItem(key, value), true)) === true;
    const told = () => {
        const now = unkept.get();
        if (now.length !== memory.size || now.some((key) => !memory.has(key))) unkept.set([...memory.keys()]);
    };
    return {
        get: (key) => memory.get(key) ?? attempt(() => disk?.getItem(key)) ?? null,
        set(key, value) {
            const kept = put(key, value);
            if (kept) memory.delete(key);
            else {
                memory.set(key, value);
                refused = Math.max(refused, value.length);
            }
            told();
            return kept;
        },
        remove(key) {
            memory.delete(key);
            attempt(() => disk?.removeItem(key));
            told();
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
                told();
                listener(event.key, event.newValue);
            };
            window.addEventListener('storage', heard);
            return () => window.removeEventListener('storage', heard);
        },
        unkept,
        keepAgain() {
            for (const [key, value] of memory) if (put(key, value)) memory.delete(key);
            const room = memory.size === 0 && put(kProbe, ' '.repeat(refused));
            attempt(() => disk?.removeItem(kProbe));
            if (room) refused = 0;
            told();
            return room;
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
