import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reading } from './reading';
import { kBob } from './testing';

let watched: boolean;
let target: string | undefined;
let mark: ReturnType<typeof vi.fn<(peerId: string, messageId: string) => Promise<void>>>;
let reading: Reading;

beforeEach(() => {
    vi.useFakeTimers();
    watched = true;
    target = 'm1';
    mark = vi.fn(async () => {});
    reading = new Reading({ isWatched: () => watched, target: () => target, mark });
});

afterEach(() => {
    reading.stop();
    vi.useRealTimers();
});

const idle = () => vi.advanceTimersByTimeAsync(1000);

describe('reading', () => {
    it('marks what is at its end and looked at, once for a burst', async () => {
        reading.setAtEnd(kBob, true);
        target = 'm2';
        reading.check(kBob);
        await idle();
        expect(mark.mock.calls).toEqual([[kBob, 'm2']]);
        reading.checkAll();
        await idle();
        expect(mark).toHaveBeenCalledTimes(1);
    });

    it('marks nothing on a page that nobody looks at, until somebody does', async () => {
        watched = false;
        reading.setAtEnd(kBob, true);
        await idle();
        expect(mark).not.toHaveBeenCalled();
        watched = true;
        reading.checkAll();
        await idle();
        expect(mark).toHaveBeenCalledTimes(1);
    });

    it('marks nothing above the end, or if it is left at once', async () => {
        reading.check(kBob);
        reading.setAtEnd(kBob, true);
        reading.setAtEnd(kBob, false);
        await idle();
        expect(mark).not.toHaveBeenCalled();
    });

    it('marks what came meanwhile, and again what failed', async () => {
        mark.mockImplementationOnce(async () => void (target = 'm2'));
        reading.setAtEnd(kBob, true);
        await idle();
        expect(mark.mock.calls.map(([, id]) => id)).toEqual(['m1', 'm2']);
        target = 'm3';
        mark.mockRejectedValueOnce(new Error());
        reading.checkAll();
        await idle();
        reading.checkAll();
        await idle();
        expect(mark.mock.calls.map(([, id]) => id)).toEqual(['m1', 'm2', 'm3', 'm3']);
    });
});
