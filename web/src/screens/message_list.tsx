// The messages of a conversation, of any number: only those in view are in the document. Older ones are loaded on the way up without moving what is being read;
// at the end the list stays at the end.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { ConversationView } from '../chat/types';
import { useTexts } from '../i18n';
import { bubbles, type Bubble } from '../ui/bubbles';
import { Button } from '../ui/button';
import { DownIcon } from '../ui/icons';
import { MessageRow } from './message_row';

interface Props {
    view: ConversationView;
    peerName: string;
    sent: number; // grows when a message is sent from here
}

const kEndPx = 80; // closer to the end than this counts as at the end
const kTopPx = 72; // room above the first message, for what is said about older ones
const kOlderRows = 10;
const kScrollFrames = 12; // after that a row that was to be brought into view is there

export function MessageList({ view, peerName, sent }: Props) {
    const { t } = useTexts();
    const { messages, older, loadOlder, firstUnreadId } = view;
    const rows = useMemo(() => bubbles(messages, firstUnreadId), [messages, firstUnreadId]);
    const scroller = useRef<HTMLDivElement>(null);
    const [active, setActive] = useState<string>(); // the row that the Tab key stops at
    const [atEnd, setAtEnd] = useState(true);
    const [placed, setPlaced] = useState(false);

    const staying = useRef(false); // whoever is at the end stays there until they scroll up
    const holding = useRef(false);

    const activeIndex = active === undefined ? rows.length - 1 : rows.findIndex((row) => row.message.key === active);
    const virtualizer = useVirtualizer({
        count: rows.length,
        getScrollElement: () => scroller.current,
        estimateSize: (index) => estimate(rows[index]!),
        getItemKey: useCallback((index: number) => rows[index]!.message.key, [rows]),
        overscan: 10,
        anchorTo: 'end',
        scrollEndThreshold: kEndPx,
        paddingStart: kTopPx,
        paddingEnd: 16,
        scrollPaddingStart: kTopPx,
        // The row with the focus stays in the document wherever one scrolls to.
        rangeExtractor: (range: Range) => {
            const indexes = defaultRangeExtractor(range);
            return activeIndex < 0 || indexes.includes(activeIndex) ? indexes : [...indexes, activeIndex].sort((a, b) => a - b);
        },
        onChange(instance) {
            if (instance.isAtEnd(kEndPx)) staying.current = true;
            else if (instance.isScrolling && instance.scrollDirection === 'backward') staying.current = false;
            setAtEnd(staying.current);
        },
    });

    // A row gets another height when the page before it comes and takes over its day: what is below its top stays where it is, also for who waits for that page as far
    // up as it goes. (Left to itself, the list does not see to that while one scrolls up.)
    virtualizer.shouldAdjustScrollPositionOnItemSizeChange = ({ start }, _, list) => start <= (list.scrollOffset ?? 0) + kTopPx;

    // The first look: at the first unread message if there is one, else at the end.
    const bringIntoView = useRowInView(rows, (index, align) => virtualizer.scrollToIndex(index, { align }));
    useLayoutEffect(() => {
        if (placed) return;
        const unread = rows.find((row) => row.newMessages);
        if (unread) bringIntoView(unread.message.key, 'start');
        else {
            staying.current = true;
            virtualizer.scrollToEnd();
        }
        const frame = requestAnimationFrame(() => setPlaced(true));
        return () => cancelAnimationFrame(frame);
    }, [placed, rows, virtualizer, bringIntoView]);

    // What was just sent from here is brought into view, from wherever one was reading.
    const sentBefore = useRef(sent);
    const last = messages[messages.length - 1];
    useLayoutEffect(() => {
        if (sent === sentBefore.current || !last?.mine) return;
        sentBefore.current = sent;
        staying.current = true;
        setAtEnd(true);
        virtualizer.scrollToEnd();
    }, [sent, last, virtualizer]);

    // The end moves when messages come, are measured or unfolded, and when the room for them changes: the box to write in grows, a phone's keyboard comes.
    const total = virtualizer.getTotalSize();
    useLayoutEffect(() => {
        if (staying.current && !holding.current) virtualizer.scrollToEnd();
    }, [total, virtualizer]);
    useEffect(() => {
        if (!scroller.current) return;
        const observer = new ResizeObserver(() => staying.current && virtualizer.scrollToEnd());
        observer.observe(scroller.current);
        return () => observer.disconnect();
    }, [virtualizer]);

    const reading = placed && atEnd;
    const setViewAtEnd = view.setAtEnd;
    useEffect(() => {
        setViewAtEnd(reading);
    }, [reading, setViewAtEnd]);
    useEffect(() => () => setViewAtEnd(false), [setViewAtEnd]);

    const items = virtualizer.getVirtualItems();
    const firstShown = items.find((item) => item.end > (virtualizer.scrollOffset ?? 0))?.index ?? 0;
    useEffect(() => {
        if (placed && older === 'idle' && firstShown < kOlderRows) loadOlder();
    }, [placed, older, firstShown, loadOlder]);

    // Unfolding a message moves what is below it, not what is being read.
    function hold(event: MouseEvent) {
        const more = (event.target as HTMLElement).closest('.message-more');
        const row = more?.closest('[data-key]');
        const frame = scroller.current;
        if (!more || !row || !frame) return;
        const folding = more.getAttribute('aria-expanded') === 'true';
        const top = Math.max(row.getBoundingClientRect().top, folding ? frame.getBoundingClientRect().top + 16 : -Infinity);
        staying.current = false;
        holding.current = true;
        const settle = (left: number) => {
            frame.scrollTop += row.getBoundingClientRect().top - top;
            if (left > 0) requestAnimationFrame(() => settle(left - 1));
            else holding.current = false;
        };
        requestAnimationFrame(() => settle(3));
    }

    const missed = useMissed(view, atEnd);
    const move = useFocus(scroller, (key) => bringIntoView(key, 'auto'));
    function keys(event: KeyboardEvent) {
        if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
        const steps: Record<string, number> = { ArrowUp: activeIndex - 1, ArrowDown: activeIndex + 1, Home: 0, End: rows.length - 1 };
        const to = steps[event.key];
        if (to === undefined || !(event.target as HTMLElement).matches('[data-key]')) return;
        event.preventDefault();
        const key = rows[Math.min(Math.max(to, 0), rows.length - 1)]!.message.key;
        setActive(key);
        move(key);
    }

    return (
        <div className="messages-frame">
            <div
                className="messages"
                ref={scroller}
                onKeyDown={keys}
                onClick={hold}
                onFocus={(event) => {
                    const key = event.target.closest<HTMLElement>('[data-key]')?.dataset.key;
                    if (key) setActive(key);
                }}
            >
                <div className="messages-top" data-older={older}>
                    {older === 'loading' && (
                        <span role="status">
                            <span className="spinner" aria-hidden="true" /> {t('messages.loadingOlder')}
                        </span>
                    )}
                    {older === 'error' && (
                        <span role="alert">
                            {t('messages.olderError')} <Button onClick={loadOlder}>{t('common.retry')}</Button>
                        </span>
                    )}
                    {older === 'none' && !view.self && <span>{t('messages.beginning')}</span>}
                </div>
                <div className="messages-inner" role="list" aria-label={t('messages.label')} style={{ blockSize: virtualizer.getTotalSize() }}>
                    {items.map((item) => {
                        const row = rows[item.index]!;
                        return (
                            <div
                                key={item.key}
                                ref={virtualizer.measureElement}
                                data-index={item.index}
                                className="messages-item"
                                role="presentation"
                                style={{ transform: `translateY(${item.start}px)` }}
                            >
                                <MessageRow
                                    bubble={row}
                                    peerName={peerName}
                                    position={item.index + 1}
                                    size={older === 'none' ? rows.length : -1}
                                    stop={item.index === activeIndex}
                                    onRetry={view.retry}
                                    onDiscard={view.discard}
                                />
                            </div>
                        );
                    })}
                </div>
            </div>
            {!atEnd && placed && <JumpButton count={missed} onJump={() => virtualizer.scrollToEnd({ behavior: calm() ? 'auto' : 'smooth' })} />}
        </div>
    );
}

// A guess until a row has been measured.
function estimate({ message, first, newDay, newMessages }: Bubble): number {
    const { text } = message;
    const lines = Math.min(text.length < 40 && !text.includes('\n') ? 1 : text.split('\n', 25).length + Math.floor(text.length / 75), 25);
    return 18 + lines * 23 + (first ? 8 : 0) + (newDay ? 50 : 0) + (newMessages ? 42 : 0);
}

function JumpButton({ count, onJump }: { count: number; onJump(): void }) {
    const { t, tn } = useTexts();
    return (
        <div className="jump">
            {count > 0 && (
                <span id="jump-count" className="jump-count">
                    {tn('messages.jumpCount', count)}
                </span>
            )}
            <button type="button" aria-label={t('messages.jump')} title={t('messages.jump')} aria-describedby={count ? 'jump-count' : undefined} onClick={onJump}>
                <DownIcon />
            </button>
        </div>
    );
}

// How many messages of the other person have come since the end was last in view.
function useMissed({ messages }: ConversationView, atEnd: boolean): number {
    const seen = useRef<string | undefined>(undefined);
    const last = messages[messages.length - 1]?.key;
    if (atEnd || seen.current === undefined) seen.current = last;
    if (last === seen.current) return 0;
    let count = 0;
    for (let index = messages.length - 1; index >= 0 && messages[index]!.key !== seen.current; index--) if (!messages[index]!.mine) count++;
    return count;
}

// Scrolls to a row by its key. That takes some frames, because rows are measured on the way; older ones that come above it meanwhile give it another index,
// and the way begins again.
function useRowInView(rows: Bubble[], scrollTo: (index: number, align: 'start' | 'auto') => void) {
    const goal = useRef<{ key: string; align: 'start' | 'auto' }>(undefined);
    const latest = useRef({ rows, scrollTo });
    latest.current = { rows, scrollTo };
    const go = useCallback(() => {
        const { current } = goal;
        const index = current ? latest.current.rows.findIndex((row) => row.message.key === current.key) : -1;
        if (current && index >= 0) latest.current.scrollTo(index, current.align);
    }, []);
    const firstKey = rows[0]?.message.key;
    useLayoutEffect(go, [firstKey, go]);
    return useCallback(
        (key: string, align: 'start' | 'auto') => {
            const mine = { key, align };
            goal.current = mine;
            go();
            const wait = (frames: number) => {
                if (frames > 0 && goal.current === mine) requestAnimationFrame(() => wait(frames - 1));
                else if (goal.current === mine) goal.current = undefined;
            };
            wait(kScrollFrames);
        },
        [go],
    );
}

// Scrolls to a row and gives it the focus once it is in the document.
function useFocus(scroller: { current: HTMLElement | null }, scrollTo: (key: string) => void) {
    return (key: string) => {
        scrollTo(key);
        const attempt = (left: number) => {
            const row = scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
            if (row) row.focus({ preventScroll: true });
            else if (left > 0) requestAnimationFrame(() => attempt(left - 1));
        };
        attempt(20);
    };
}

function calm(): boolean {
    return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
