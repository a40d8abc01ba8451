// Finds the links in a message. A tokenizer, not a writer of HTML: what it returns is shown as React nodes. Only http, https and mailto ever become links.
// Invariant: the tokens' texts, put together, are the text that was given. Time is linear in its length.
export interface Token {
    text: string;
    href?: string;
}

// What may start a link. A link's text goes on to a space, a bracket or a quote that nobody writes in an address, a control character, or one that turns the writing direction
// (with which an address could be made to look like another).
const kCandidate =
    /(?:https?:\/\/|mailto:|www\.)[^\s<>"`{}|\\^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+|[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9-])/gi;
const kMaxLength = 2048;
const kWordBefore = /[\p{L}\p{N}_]$/u;
const kClosing: Record<string, string> = { ')': '(', ']': '[' };

export function linkify(text: string): Token[] {
    const tokens: Token[] = [];
    let done = 0;
    for (const match of text.matchAll(kCandidate)) {
        const found = trimEnd(match[0]);
        if (kWordBefore.test(text.slice(Math.max(0, match.index - 2), match.index))) continue;
        const href = hrefOf(found);
        if (!href) continue;
        if (match.index > done) tokens.push({ text: text.slice(done, match.index) });
        tokens.push({ text: found, href });
        done = match.index + found.length;
    }
    if (done < text.length) tokens.push({ text: text.slice(done) });
    return tokens;
}

// A sentence's punctuation is not the address's, and neither is a bracket that was opened before it: "(see https://a.example/b_(c))."
function trimEnd(found: string): string {
    let end = found.length;
    const open = { '(': 0, '[': 0 } as Record<string, number>;
    for (const char of found) {
        if (char in open) open[char]!++;
        else if (char in kClosing) open[kClosing[char]!]!--;
    }
    for (; end > 0; end--) {
        const last = found[end - 1]!;
        const opening = kClosing[last];
        if (opening && open[opening]! < 0) open[opening]!++;
        else if (!'.,;:!?\'*_~…'.includes(last)) break;
    }
    return found.slice(0, end);
}

function hrefOf(found: string): string | undefined {
    if (found.length > kMaxLength) return undefined;
    const written = /^www\./i.test(found) ? `https://${found}` : /^(https?:|mailto:)/i.test(found) ? found : `mailto:${found}`;
    let url: URL;
    try {
        url = new URL(written);
    } catch {
        return undefined;
    }
    if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : undefined;
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
    // "www." alone, "http://x": a name needs a dot, unless it is this machine or an address.
    const named = url.hostname.includes('.') || url.hostname === 'localhost' || url.hostname.startsWith('[');
    return named && !url.hostname.endsWith('.') ? url.href : undefined;
}
