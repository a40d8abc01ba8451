// People: search, the list (by last activity, then everybody else), and one's own corner. Only the lines in view are in the document.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { forwardRef, useDeferredValue, useEffect, useImperativeHandle, useRef, useState, type KeyboardEvent } from 'react';
import { useAlone, useSession, usePeople } from '../chat/hooks';
import type { PersonRow } from '../chat/types';
import { useTexts } from '../i18n';
import { AccountName } from '../ui/account_name';
import { Avatar } from '../ui/avatar';
import { IconButton } from '../ui/button';
import { CloseIcon, KeyboardIcon, Logo, PeopleIcon, SearchIcon, SettingsIcon } from '../ui/icons';
import { Empty, Failure, PeopleSkeleton } from '../ui/state';
import { Alone } from './alone';
import { ErrorText } from './error_words';
import { Person } from './person';
import { conversationPath, navigate } from './route';
import { SignOut } from './sign_out';

export interface SidebarHandle {
    search(): void;
    step(by: 1 | -1): void;
    focusPerson(userId: string): void;
}

interface Props {
    selected?: string;
    onSettings(): void;
    onHelp(): void;
}

const kRowHeight = 72;

export const Sidebar = forwardRef<SidebarHandle, Props>(function Sidebar({ selected, onSettings, onHelp }, ref) {
    const { t } = useTexts();
    const [search, setSearch] = useState('');
    const people = usePeople(useDeferredValue(search));
    const alone = useAlone();
    const box = useRef<HTMLInputElement>(null);
    const list = useRef<ListHandle>(null);
    useImperativeHandle(ref, () => ({
        search() {
            if (selected && !box.current?.offsetParent) navigate('/'); // a phone shows one pane
            requestAnimationFrame(() => box.current?.select());
        },
        step(by) {
            const at = people.rows.findIndex((row) => row.user._id === selected);
            const next = people.rows[at === -1 ? (by === 1 ? 0 : people.rows.length - 1) : at + by];
            if (next) navigate(conversationPath(next.user._id));
        },
        focusPerson: (userId) => list.current?.focus(userId),
    }));
    function searchKeys(event: KeyboardEvent) {
        if (event.nativeEvent.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === 'ArrowDown') list.current?.focus(people.rows[0]?.user._id);
        else if (event.key === 'Enter' && search && people.rows[0]) navigate(conversationPath(people.rows[0].user._id));
        else if (event.key === 'Escape' && search) setSearch('');
        else return;
        event.preventDefault();
    }
    return (
        <nav className="sidebar" aria-label={t('people.title')}>
            <header className="sidebar-head">
                <h1 className="brand">
                    <Logo />
                    <span className="brand-name">{t('app.name')}</span>
                </h1>
            </header>
            <div className="search" role="search">
                <SearchIcon />
                <input
                    ref={box}
                    type="search"
                    aria-label={t('people.search')}
                    placeholder={t('people.search')}
                    value={search}
                    onChange={(event) => setSearch(event.target.value)}
                    onKeyDown={searchKeys}
                    autoComplete="off"
                    spellCheck={false}
                    dir="auto"
                    aria-keyshortcuts="Control+K"
                />
                {search && (
                    <IconButton name={t('people.clearSearch')} onClick={() => (setSearch(''), box.current?.focus())}>
                        <CloseIcon />
                    </IconButton>
                )}
            </div>
            {people.rows.length > 0 ? (
                <PeopleList ref={list} rows={people.rows} hasMore={people.hasMore} loadMore={people.loadMore} selected={selected} searching={search !== ''} />
            ) : people.error ? (
                <Failure text={<>{t('people.error')} <ErrorText error={people.error} /></>} onRetry={people.retry} />
            ) : people.loading ? (
                <PeopleSkeleton />
            ) : search ? (
                <Empty icon={<SearchIcon />} title={t('people.noResults.title')} text={t('people.noResults.text', { search })} />
            ) : (
                <Empty icon={<PeopleIcon />} title={t('people.empty.title')} text={t('people.empty.text')} />
            )}
            {/* Where the other pane is out of sight. */}
            {alone && !search && (
                <div className="sidebar-alone">
                    <Alone />
                </div>
            )}
            {people.error && people.rows.length > 0 && (
                <p className="people-error" role="alert">
                    {t('people.error')}{' '}
                    <button type="button" className="banner-button" onClick={people.retry}>
                        {t('common.retry')}
                    </button>
                </p>
            )}
            <Corner onSettings={onSettings} onHelp={onHelp} />
        </nav>
    );
});

interface ListProps {
    rows: PersonRow[];
    hasMore: boolean;
    loadMore(): void;
    selected?: string;
    searching: boolean;
}

interface ListHandle {
    focus(userId?: string): void;
}

// One stop of the Tab key; arrows move within.
const PeopleList = forwardRef<ListHandle, ListProps>(function PeopleList({ rows, hasMore, loadMore, selected, searching }, ref) {
    const { t } = useTexts();
    const { user: me } = useSession();
    const scroller = useRef<HTMLDivElement>(null);
    const [active, setActive] = useState<string>();
    const [wanted, setWanted] = useState<string>(); // gets the focus as soon as it is in the document
    const firstOther = searching || !rows[0]?.conversation ? -1 : rows.findIndex((row) => !row.conversation);
    const activeIndex = rows.findIndex((row) => row.user._id === active);
    const virtualizer = useVirtualizer({
        count: rows.length,
        getScrollElement: () => scroller.current,
        estimateSize: (index) => kRowHeight + (index === firstOther ? 36 : 0),
        getItemKey: (index) => rows[index]!.user._id,
        overscan: 6,
        // The person with the focus stays in the document wherever one scrolls to.
        rangeExtractor: (range: Range) => {
            const indexes = defaultRangeExtractor(range);
            return activeIndex < 0 || indexes.includes(activeIndex) ? indexes : [...indexes, activeIndex].sort((a, b) => a - b);
        },
    });
    const items = virtualizer.getVirtualItems();
    const lastShown = items[items.length - 1]?.index ?? 0;
    useEffect(() => {
        if (hasMore && lastShown >= rows.length - 15) loadMore();
    }, [hasMore, lastShown, rows.length, loadMore]);

    const selectedIndex = rows.findIndex((row) => row.user._id === selected);
    useEffect(() => {
        if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: 'auto' });
        // eslint-disable-next-line react-hooks/exhaustive-deps -- a choice is brought into view once, not whenever the order changes
    }, [selected]);

    function focus(userId?: string) {
        const index = rows.findIndex((row) => row.user._id === userId);
        if (index === -1) return;
        setActive(userId);
        setWanted(userId);
        virtualizer.scrollToIndex(index, { align: 'auto' });
    }
    useImperativeHandle(ref, () => ({ focus }));
    useEffect(() => {
        const element = wanted && scroller.current?.querySelector<HTMLElement>(`[data-user-id="${wanted}"] a`);
        if (!element) return;
        element.focus({ preventScroll: true });
        setWanted(undefined);
    });

    const shown = (id?: string) => id !== undefined && items.some((item) => item.key === id);
    const stop = shown(active) ? active : shown(selected) ? selected : rows[items[0]?.index ?? 0]?.user._id;
    function keys(event: KeyboardEvent) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const at = rows.findIndex((row) => row.user._id === stop);
        const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / kRowHeight) - 1);
        const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + page, PageUp: at - page };
        const to = steps[event.key];
        if (to === undefined) return;
        event.preventDefault();
        focus(rows[Math.min(Math.max(to, 0), rows.length - 1)]?.user._id);
    }
    return (
        <div className="people" ref={scroller} onKeyDown={keys} onFocus={(event) => setActive(event.target.closest<HTMLElement>('[data-user-id]')?.dataset.userId)}>
            <div className="people-inner" role="list" aria-label={t('people.label')} style={{ blockSize: virtualizer.getTotalSize() }}>
                {items.map((item) => {
                    const row = rows[item.index]!;
                    return (
                        <div
                            key={item.key}
                            ref={virtualizer.measureElement}
                            data-index={item.index}
                            data-user-id={row.user._id}
                            className="people-item"
                            role="listitem"
                            aria-setsize={hasMore ? -1 : rows.length}
                            aria-posinset={item.index + 1}
                            style={{ transform: `translateY(${item.start}px)` }}
                        >
                            {item.index === firstOther && <p className="people-others">{t('people.others')}</p>}
                            <Person row={row} self={row.user._id === me?._id} selected={row.user._id === selected} tabIndex={row.user._id === stop ? 0 : -1} />
                        </div>
                    );
                })}
            </div>
        </div>
    );
});

function Corner({ onSettings, onHelp }: { onSettings(): void; onHelp(): void }) {
    const { t } = useTexts();
    const { user } = useSession();
    if (!user) return null;
    return (
        <footer className="corner">
            <Avatar user={user} />
            <span className="corner-name">
                <AccountName user={user} />
            </span>
            <IconButton name={t('menu.help')} className="corner-help" onClick={onHelp}>
                <KeyboardIcon />
            </IconButton>
            <IconButton name={t('menu.settings')} onClick={onSettings}>
                <SettingsIcon />
            </IconButton>
            <SignOut />
        </footer>
    );
}
