// Choosing and filling texts, without React. A language is 'en' or 'de'; a locale is what Intl is asked with ('en-GB', 'de-AT', …).
import { de } from './de';
import { en, type PluralKey, type TextKey } from './en';

export type Language = 'en' | 'de';
export type Values = Record<string, string | number>;

export interface Texts {
    language: Language;
    locale: string;
    t(key: TextKey, values?: Values): string;
    // The form of a text that fits the count, which is filled in as {count}, written as the locale does.
    tn(key: PluralKey, count: number, values?: Values): string;
}

const kTexts: Record<Language, Record<TextKey, string>> = { en, de };

export function fill(text: string, values?: Values): string {
    return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
}

// The first of the browser's languages that there are texts in, English otherwise.
export function languageOf(choice: 'system' | Language, preferred: readonly string[]): Language {
    if (choice !== 'system') return choice;
    for (const tag of preferred) {
        const base = tag.toLowerCase().split('-')[0];
        if (base === 'en' || base === 'de') return base;
    }
    return 'en';
}

// The browser's own variant of the language where it has one: en-GB writes times otherwise than en-US.
export function localeOf(language: Language, preferred: readonly string[]): string {
    return preferred.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}

export function makeTexts(language: Language, locale: string): Texts {
    const texts = kTexts[language];
    const plural = new Intl.PluralRules(locale);
    const number = new Intl.NumberFormat(locale);
    return {
        language,
        locale,
        t: (key, values) => fill(texts[key], values),
        tn(key, count, values) {
            const form = plural.select(count) === 'one' ? 'one' : 'other';
            return fill(texts[`${key}.${form}` as TextKey], { ...values, count: number.format(count) });
        },
    };
}
