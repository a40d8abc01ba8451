// Whether this device has a network at all, as far as the browser knows. True says little: the server may still be out of reach.
export const hasNetwork = (): boolean => navigator.onLine;

export function onNetworkChange(listener: () => void): () => void {
    window.addEventListener('online', listener);
    window.addEventListener('offline', listener);
    return () => {
        window.removeEventListener('online', listener);
        window.removeEventListener('offline', listener);
    };
}
