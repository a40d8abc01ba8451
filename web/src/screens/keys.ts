// Keys that work wherever the focus is.
import { useEffect, useRef } from 'react';

// The handler answers whether it took the key. Keys that something else has taken (an open menu, an input method) never get here.
export function useKeys(handler: (event: KeyboardEvent) => boolean): void {
    const latest = useRef(handler);
    latest.current = handler;
    useEffect(() => {
        const pressed = (event: KeyboardEvent) => {
            if (event.defaultPrevented || event.isComposing) return;
            if (latest.current(event)) event.preventDefault();
        };
        window.addEventListener('keydown', pressed);
        return () => window.removeEventListener('keydown', pressed);
    }, []);
}

export function typing(event: KeyboardEvent): boolean {
    const target = event.target as HTMLElement;
    return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

// A mouse or a keyboard is likely there: focusing a text field does not pop up a keyboard over half the screen.
export function finePointer(): boolean {
    return window.matchMedia('(pointer: fine)').matches;
}
