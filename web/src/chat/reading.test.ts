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

    it('marks what was seen when somebody looks away at once, before the moment is over, and nothing that came later', async () => {
        target = undefined; // not certain yet
        reading.setAtEnd(kBob, true);
        target = 'm1';
        reading.seen(kBob, 'm1');
        watched = false;
        target = 'm2';
        reading.leave();
        expect(mark.mock.calls).toEqual([[kBob, 'm1']]);
        await idle();
        reading.checkAll();
        await idle();
        expect(mark).toHaveBeenCalledTimes(1);
    });

    it('marks what was seen although the end was left at once', async () => {
        reading.setAtEnd(kBob, true);
        reading.seen(kBob, 'm1');
        reading.setAtEnd(kBob, false);
        await idle();
        expect(mark.mock.calls).toEqual([[kBob, 'm1']]);
    });

    it('marks what was seen while an earlier mark was under way', async () => {
        let answered = () => {};
        mark.mockImplementationOnce(() => new Promise((resolve) => (answered = resolve)));
        reading.setAtEnd(kBob, true);
        reading.seen(kBob, 'm1');
        await idle();
        target = 'm2';
        reading.seen(kBob, 'm2');
        watched = false;
        reading.leave();
        answered();
        await idle();
        expect(mark.mock.calls.map(([, id]) => id)).toEqual(['m1', 'm2']);
    });

    it('marks what was seen as soon as it is certain that nothing is missing, and again if that failed', async () => {
        target = undefined;
        mark.mockRejectedValueOnce(new Error());
        reading.setAtEnd(kBob, true);
        reading.seen(kBob, 'm1');
        watched = false;
        reading.leave();
        target = 'm1';
        for (let times = 0; times < 3; times++) {
            reading.checkAll();
            await idle();
        }
        expect(mark.mock.calls.map(([, id]) => id)).toEqual(['m1', 'm1']);
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
