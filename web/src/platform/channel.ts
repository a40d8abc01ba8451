// Words between the tabs of one browser. Not durable; where BroadcastChannel is missing nobody hears anything.
export interface Channel<T> {
    post(words: T): void;
    close(): void;
}

export function openChannel<T>(name: string, heard: (words: T) => void): Channel<T> {
    if (typeof BroadcastChannel === 'undefined') return { post() {}, close() {} };
    const channel = new BroadcastChannel(name);
    channel.onmessage = (event: MessageEvent<T>) => heard(event.data);
    let open = true;
    return {
        // What is answered after signing out is nobody else's business any more; a closed channel would throw.
        post: (words) => void (open && channel.postMessage(words)),
        close() {
            open = false;
            channel.close();
        },
    };
}
