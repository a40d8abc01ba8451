import { describe, expect, it } from 'vitest';
import { makeTexts } from '../i18n/text';
import { clock, dayLabel, dayNumber, fullDate, listTime } from './dates';

const english = makeTexts('en', 'en-GB');
const german = makeTexts('de', 'de');
const now = new Date(2026, 10, 23, 0, 30);
const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).toISOString();

describe('dates', () => {
    it('go by the calendar, not by 24 hours', () => {
        expect(dayLabel(at(2026, 10, 23, 0, 5), now, english)).toBe('Today');
        expect(dayLabel(at(2026, 10, 22, 23, 59), now, english)).toBe('Yesterday');
        expect(dayLabel(at(2026, 10, 22, 0, 1), now, german)).toBe('Gestern');
    });

    it('name other days, with the year only if it is another', () => {
        expect(dayLabel(at(2026, 10, 18, 12), now, english)).toMatch(/Wednesday,? 18 November$/);
        expect(dayLabel(at(2025, 10, 18, 12), now, german)).toBe('Dienstag, 18. November 2025');
    });

    it('are short in the list', () => {
        expect(listTime(at(2026, 10, 23, 0, 5), now, german)).toBe('00:05');
        expect(listTime(at(2026, 10, 22, 23), now, english)).toBe('Yesterday');
        expect(listTime(at(2026, 10, 18, 23), now, english)).toBe('Wed');
        expect(listTime(at(2026, 10, 16, 23), now, english)).toBe('16/11/26');
    });

    it('show a clock that is a little ahead as today', () => {
        expect(listTime(at(2026, 10, 23, 0, 45), now, german)).toBe('00:45');
    });

    it('are complete on hover', () => {
        expect(fullDate(at(2026, 10, 18, 14, 5), german)).toMatch(/Mittwoch, 18\. November 2026.*14:05:00/);
        expect(clock(at(2026, 10, 18, 14, 5), english)).toBe('14:05');
    });

    it('count days over a change of summer time', () => {
        expect(dayNumber(new Date(2026, 2, 30)) - dayNumber(new Date(2026, 2, 28))).toBe(2);
    });
});
