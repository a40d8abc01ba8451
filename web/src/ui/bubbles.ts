// How messages stand together: which begin a day, which begin or end a group of bubbles, and where the new ones start. Pure.
import type { TimelineMessage } from '../chat/types';
import { dayNumber } from './dates';

export interface Bubble {
    message: TimelineMessage;
    newDay: boolean; // a day separator goes above
    newMessages: boolean; // the "New messages" marker goes above
    first: boolean; // of a group: one sender, close in time
    last: boolean;
}

const kGroupMs = 5 * 60_000;

// Order and number stay those of the messages.
export function bubbles(messages: readonly TimelineMessage[], firstUnreadId?: string): Bubble[] {
    const result: Bubble[] = [];
    for (const message of messages) {
        const before = result[result.length - 1];
        const newDay = !before || dayNumber(new Date(before.message.createdAt)) !== dayNumber(new Date(message.createdAt));
        const newMessages = firstUnreadId !== undefined && message.id === firstUnreadId;
        const first = newDay || newMessages || !before || !together(before.message, message);
        if (before) before.last = first;
        result.push({ message, newDay, newMessages, first, last: true });
    }
    return result;
}

function together(before: TimelineMessage, message: TimelineMessage): boolean {
    // A failed message carries buttons below it, so that the next one starts anew.
    if (before.mine !== message.mine || before.state === 'failed') return false;
    return Math.abs(Date.parse(message.createdAt) - Date.parse(before.createdAt)) < kGroupMs;
}

export interface Fold {
    text: string;
    folded: boolean;
}

const kMaxLines = 24;
const kMaxChars = 1800;

// The beginning of a long message, cut between words and never within a character.
export function fold(text: string): Fold {
    let end = 0;
    for (let lines = 0; lines < kMaxLines && end !== -1; lines++) end = text.indexOf('\n', end + (lines ? 1 : 0));
    let cut = end === -1 ? text.length : end;
    if (cut > kMaxChars) {
        const space = text.lastIndexOf(' ', kMaxChars);
        cut = space > kMaxChars - 80 ? space : kMaxChars;
        const code = text.charCodeAt(cut - 1);
        if (code >= 0xd800 && code <= 0xdbff) cut--;
    }
    // A rest that is hardly longer than the button would be is shown at once.
    if (text.length - cut < 120 && text.slice(cut).split('\n').length < 4) return { text, folded: false };
    return { text: text.slice(0, cut), folded: true };
}
