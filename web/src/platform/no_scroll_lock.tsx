// Stands in for react-remove-scroll (see vite.config.ts), which injects a <style> that the Content-Security-Policy refuses. It renders what it is given and
// locks nothing: a dialog's overlay covers the page, and `overscroll-behavior` keeps scrolling inside.
import { createElement, forwardRef, type ElementType, type ReactNode } from 'react';

interface Props {
    as?: ElementType;
    children?: ReactNode;
    allowPinchZoom?: boolean;
    shards?: unknown;
    enabled?: boolean;
}

export const RemoveScroll = forwardRef<HTMLElement, Props>(function RemoveScroll({ as = 'div', children, allowPinchZoom, shards, enabled, ...rest }, ref) {
    void [allowPinchZoom, shards, enabled];
    return createElement(as, { ...rest, ref }, children);
});

export default RemoveScroll;
