// Helpers of the tests.
import type { Message } from '../api/types';
import { Observable } from '../platform/observable';
import type { Store } from '../platform/storage';

export const kMe = 'a'.repeat(24);
export const kBob = 'b'.repeat(24);

// The message number `n` of a conversation; ids and times grow with it.
export function message(n: number, from = kBob, to = kMe): Message {
    const createdAt = new Date(1_700_000_000_000 + n * 1000).toISOString();
    return { _id: n.toString(16).padStart(24, '0'), senderId: from, receiverId: to, message: `text ${n}`, createdAt, updatedAt: createdAt };
}

export const messages = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => message(first + at));

// localStorage of one browser with several tabs: each tab hears what the others change.
export class FakeBrowser {
    readonly values = new Map<string, string>();
    full = false;
    private readonly tabs: ((key: string, value: string | null) => void)[][] = [];

    tab(): Store {
        const listeners: ((key: string, value: string | null) => void)[] = [];
        this.tabs.push(listeners);
        const memory = new Map<string, string>(); // what does not fit
        const tell = (key: string, value: string | null) => {
            for (const other of this.tabs) if (other !== listeners) for (const listener of other) listener(key, value);
        };
        return {
            get: (key) => memory.get(key) ?? this.values.get(key) ?? null,
            set: (key, value) => {
                if (this.full) return memory.set(key, value), false;
                memory.delete(key);
                this.values.set(key, value);
                tell(key, value);
                return true;
            },
            remove: (key) => {
                memory.delete(key);
                if (this.values.delete(key)) tell(key, null);
            },
            keys: (prefix) => [...new Set([...this.values.keys(), ...memory.keys()])].filter((key) => key.startsWith(prefix)),
            watch: (listener) => {
                listeners.push(listener);
                return () => void listeners.splice(listeners.indexOf(listener), 1);
            },
            unkept: new Observable<readonly string[]>([]),
            keepAgain: () => !this.full,
        };
    }
}
