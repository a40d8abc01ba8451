// Times as people read them, in the language of the page and the time zone of the browser. Of `now` only the day counts.
import type { Texts } from '../i18n';

const made = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = locale + JSON.stringify(options);
    let formatter = made.get(key);
    if (!formatter) made.set(key, (formatter = new Intl.DateTimeFormat(locale, options)));
    return formatter;
}

// A local day as a number that grows by one from day to day, also over the change of summer time.
export function dayNumber(time: Date): number {
    return Math.round(Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / 86_400_000);
}

export function clock(iso: string, texts: Texts): string {
    return format(texts.locale, { timeStyle: 'short' }).format(new Date(iso));
}

export function fullDate(iso: string, texts: Texts): string {
    return format(texts.locale, { dateStyle: 'full', timeStyle: 'medium' }).format(new Date(iso));
}

// "Today", "Yesterday", "Wednesday, 18 November", with the year if it is another one.
export function dayLabel(iso: string, now: Date, texts: Texts): string {
    const time = new Date(iso);
    const ago = dayNumber(now) - dayNumber(time);
    if (ago === 0) return texts.t('date.today');
    if (ago === 1) return texts.t('date.yesterday');
    const year = time.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const);
    return format(texts.locale, { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(time);
}

// Short, for a line of the list: a time today, then "Yesterday", a weekday for a week, then a date.
export function listTime(iso: string, now: Date, texts: Texts): string {
    const time = new Date(iso);
    const ago = dayNumber(now) - dayNumber(time);
    if (ago <= 0) return clock(iso, texts);
    if (ago === 1) return texts.t('date.yesterday');
    if (ago < 7) return format(texts.locale, { weekday: 'short' }).format(time);
    return format(texts.locale, { day: '2-digit', month: '2-digit', year: '2-digit' }).format(time);
}
