import { describe, expect, it } from 'vitest';
import { kFirstState, reduceConnection, retryDelay, type ConnectionEvent } from './connection_state';

const run = (...events: ConnectionEvent[]) => events.reduce(reduceConnection, kFirstState);

describe('the state of the connection', () => {
    it('goes from connecting to online without a word of being back', () => {
        expect(run().phase).toBe('connecting');
        expect(run({ type: 'opened' }, { type: 'rested' })).toEqual({ phase: 'online', failures: 0 });
    });

    it('tells when the next attempt begins, and not while one runs', () => {
        const lost = run({ type: 'opened' }, { type: 'closed', retryAt: 5 });
        expect(lost).toEqual({ phase: 'offline', retryAt: 5, failures: 1 });
        expect(reduceConnection(lost, { type: 'trying' })).toEqual({ phase: 'offline', failures: 1 });
    });

    it('counts attempts in a row and forgets them when a connection has lasted', () => {
        const events: ConnectionEvent[] = [{ type: 'opened' }];
        for (let at = 0; at < 3; at++) events.push({ type: 'closed', retryAt: at }, { type: 'trying' });
        expect(run(...events).failures).toBe(3);
        expect(run(...events, { type: 'opened' }).phase).toBe('back');
        expect(run(...events, { type: 'opened' }, { type: 'rested' })).toEqual({ phase: 'online', failures: 0 });
    });

    it('waits longer and longer for a server that takes it in and throws it out at once', () => {
        const events: ConnectionEvent[] = [];
        for (let at = 0; at < 5; at++) events.push({ type: 'opened' }, { type: 'closed', retryAt: at }, { type: 'trying' });
        expect(run(...events).failures).toBe(5);
    });

    it('is back for a while, then online', () => {
        expect(run({ type: 'opened' }, { type: 'closed', retryAt: 1 }, { type: 'opened' }, { type: 'rested' }).phase).toBe('online');
    });

    it('does not take a late rest for a connection', () => {
        expect(run({ type: 'opened' }, { type: 'closed', retryAt: 1 }, { type: 'rested' }).phase).toBe('offline');
    });

    it('says offline when the first attempt fails, and back when a later one succeeds', () => {
        expect(run({ type: 'closed', retryAt: 1 }).phase).toBe('offline');
        expect(run({ type: 'closed', retryAt: 1 }, { type: 'trying' }, { type: 'opened' }).phase).toBe('back');
    });
});

describe('the pause before the next attempt', () => {
    it('grows to a limit, and differs from client to client', () => {
        expect([0, 1, 2, 3, 4, 5, 99].map((failures) => retryDelay(failures, 0.5))).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000]);
        expect(retryDelay(0, 0)).toBeLessThan(retryDelay(0, 0.99));
    });
});
