// The emoji by group or by search; those used recently come first. Arrows move in the grid.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import germanUrl from '../emoji/emoji.de.json?url';
import englishUrl from '../emoji/emoji.en.json?url';
import { useSession } from '../chat/hooks';
import { useTexts, type Language, type TextKey } from '../i18n';
import { browserStorage } from '../platform/storage';
import { SearchIcon } from '../ui/icons';
import { Failure } from '../ui/state';
import { finePointer } from './keys';
import { findEmoji, remember, type Emoji, type EmojiGroup } from './emoji_search';

const kUrls: Record<Language, string> = { en: englishUrl, de: germanUrl };
const kTabs: Record<string, string> = {
    recent: '🕘',
    'smileys-emotion': '😀',
    'people-body': '👋',
    'animals-nature': '🐻',
    'food-drink': '🍎',
    'travel-places': '🚗',
    activities: '⚽',
    objects: '💡',
    symbols: '❤️',
    flags: '🏁',
};

const loaded = new Map<Language, Promise<EmojiGroup[]>>();

function load(language: Language): Promise<EmojiGroup[]> {
    let groups = loaded.get(language);
    if (!groups) {
        groups = fetch(kUrls[language]).then(async (response) => {
            if (!response.ok) throw new Error(response.statusText);
            return ((await response.json()) as { groups: EmojiGroup[] }).groups;
        });
        groups.catch(() => loaded.delete(language)); // the next opening tries again
        loaded.set(language, groups);
    }
    return groups;
}

export default function EmojiPicker({ onPick }: { onPick(emoji: string): void }) {
    const { t, language } = useTexts();
    const { user } = useSession();
    const [groups, setGroups] = useState<EmojiGroup[]>();
    const [failed, setFailed] = useState(false);
    const [attempt, setAttempt] = useState(0);
    const [search, setSearch] = useState('');
    const [recent, setRecent] = useRecent(user?._id ?? '');
    const [chosen, setChosen] = useState<string>();
    useEffect(() => {
        let current = true;
        setFailed(false);
        load(language).then(
            (found) => current && setGroups(found),
            () => current && setFailed(true),
        );
        return () => {
            current = false;
        };
    }, [language, attempt]);

    const all = useMemo(() => groups?.flatMap((group) => group.emoji) ?? [], [groups]);
    const used = useMemo(() => recent.map((unicode) => all.find((emoji) => emoji[0] === unicode)).filter((emoji) => emoji !== undefined), [recent, all]);
    const tabs = [...(used.length ? ['recent'] : []), ...(groups?.map((group) => group.key) ?? [])];
    const tab = chosen && tabs.includes(chosen) ? chosen : tabs[0];
    const shown = search.trim() ? findEmoji(all, search) : tab === 'recent' ? used : (groups?.find((group) => group.key === tab)?.emoji ?? []);
    function pick(unicode: string) {
        setRecent(remember(recent, unicode));
        onPick(unicode);
    }
    if (failed) return <Failure text={t('emoji.error')} onRetry={() => setAttempt(attempt + 1)} />;
    return (
        <>
            <div className="search">
                <SearchIcon />
                <input
                    type="search"
                    autoFocus={finePointer()}
                    aria-label={t('emoji.search')}
                    placeholder={t('emoji.search')}
                    value={search}
                    onChange={(event) => setSearch(event.target.value)}
                    onKeyDown={(event) => {
                        if (event.nativeEvent.isComposing) return;
                        if (event.key === 'Enter' && search.trim() && shown[0]) (event.preventDefault(), pick(shown[0][0]));
                        if (event.key === 'ArrowDown') (event.preventDefault(), document.querySelector<HTMLElement>('.emoji-grid button')?.focus());
                    }}
                    autoComplete="off"
                    dir="auto"
                />
            </div>
            {!search.trim() && (
                <div className="emoji-tabs" role="group" aria-label={t('emoji.label')}>
                    {tabs.map((key) => (
                        <button key={key} type="button" aria-pressed={key === tab} aria-label={t(`emoji.${key}` as TextKey)} title={t(`emoji.${key}` as TextKey)} onClick={() => setChosen(key)}>
                            {kTabs[key]}
                        </button>
                    ))}
                </div>
            )}
            {groups && shown.length === 0 ? <p className="emoji-note">{t('emoji.none')}</p> : <Grid key={search || tab} emoji={shown} onPick={pick} />}
        </>
    );
}

function Grid({ emoji, onPick }: { emoji: Emoji[]; onPick(unicode: string): void }) {
    const { t } = useTexts();
    const grid = useRef<HTMLDivElement>(null);
    const [active, setActive] = useState(0);
    function keys(event: KeyboardEvent) {
        const columns = grid.current ? getComputedStyle(grid.current).gridTemplateColumns.split(' ').length : 8;
        const ahead = getComputedStyle(document.documentElement).direction === 'rtl' ? -1 : 1;
        const steps: Record<string, number> = { ArrowRight: ahead, ArrowLeft: -ahead, ArrowDown: columns, ArrowUp: -columns };
        const ends: Record<string, number> = { Home: 0, End: emoji.length - 1 };
        const step = steps[event.key];
        const to = step !== undefined ? active + step : ends[event.key];
        if (to === undefined) return;
        event.preventDefault();
        if (to < 0 || to >= emoji.length) return;
        setActive(to);
        (grid.current?.children[to] as HTMLElement | undefined)?.focus();
    }
    return (
        <div className="emoji-grid" ref={grid} role="group" aria-label={t('emoji.label')} onKeyDown={keys}>
            {emoji.map(([unicode, label], index) => (
                <button key={unicode} type="button" aria-label={label} title={label} tabIndex={index === active ? 0 : -1} onClick={() => onPick(unicode)}>
                    {unicode}
                </button>
            ))}
        </div>
    );
}

// Kept per account, as drafts and settings are.
function useRecent(accountId: string): [string[], (recent: string[]) => void] {
    const [store] = useState(browserStorage);
    const key = `parley:emoji:${accountId}`;
    const [recent, setRecent] = useState<string[]>(() => {
        try {
            const kept: unknown = JSON.parse(store.get(key) ?? '[]');
            return Array.isArray(kept) ? kept.filter((entry): entry is string => typeof entry === 'string') : [];
        } catch {
            return [];
        }
    });
    return [
        recent,
        (next) => {
            store.set(key, JSON.stringify(next));
            setRecent(next);
        },
    ];
}
