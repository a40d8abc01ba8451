// Words between the tabs of one browser. Not durable; where BroadcastChannel is missing nobody hears anything.
export interface Channel<T> {
    post(words: T): void;
    close(): void;
}

export function openChannel<T>(name: string, heard: (words: T) => void): Channel<T> {
    if (typeof BroadcastChannel === 'undefined') return { post() {}, close() {} };
    const channel = new BroadcastChannel(name);
    channel.onmessage = (event: MessageEvent<T>) => heard(event.data);
    return { post: (words) => channel.postMessage(words), close: () => channel.close() };
}
