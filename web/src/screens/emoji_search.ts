// Finding emoji by their names, and remembering those that were used. Pure.

// The character, its name, and further words it is found by.
export type Emoji = [unicode: string, label: string, tags: string];

export interface EmojiGroup {
    key: string;
    emoji: Emoji[];
}

const kMostFound = 96;
const kMostRecent = 32;

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

// Every word has to begin a word of the name or the tags; whose name begins with the search come first, then those with it in the name.
export function findEmoji(all: readonly Emoji[], search: string): Emoji[] {
    const whole = plain(search.trim());
    const words = whole.split(/\s+/).filter(Boolean);
    const ranked: [number, Emoji][] = [];
    for (const emoji of all) {
        const label = plain(emoji[1]);
        const text = ` ${label} ${plain(emoji[2])}`;
        if (emoji[0] === search.trim()) ranked.push([0, emoji]);
        else if (words.length && words.every((word) => text.includes(` ${word}`))) ranked.push([label === whole ? 0 : label.startsWith(whole) ? 1 : ` ${label}`.includes(` ${whole}`) ? 2 : 3, emoji]);
    }
    return ranked
        .sort(([a], [b]) => a - b)
        .slice(0, kMostFound)
        .map(([, emoji]) => emoji);
}

export function remember(recent: readonly string[], unicode: string): string[] {
    return [unicode, ...recent.filter((other) => other !== unicode)].slice(0, kMostRecent);
}
