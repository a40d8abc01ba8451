// What is told of the connection, out of what happens to it. Pure.
export interface ConnectionState {
    phase: 'connecting' | 'online' | 'offline' | 'back';
    retryAt?: number; // when the next attempt begins; absent while one runs or none is needed
    failures: number; // attempts in a row that came to nothing or did not last, or the loss itself
}

// opened: the server has taken us in. closed: lost, or an attempt failed; the next one begins at retryAt. trying: it begins. rested: it has lasted, and 'back' was shown, long enough.
export type ConnectionEvent = { type: 'opened' } | { type: 'closed'; retryAt: number } | { type: 'trying' } | { type: 'rested' };

export const kFirstState: ConnectionState = { phase: 'connecting', failures: 0 };

export function reduceConnection(state: ConnectionState, event: ConnectionEvent): ConnectionState {
    switch (event.type) {
        case 'opened':
            return { phase: state.phase === 'offline' || state.phase === 'back' ? 'back' : 'online', failures: state.failures };
        case 'closed':
            return { phase: 'offline', retryAt: event.retryAt, failures: state.failures + 1 };
        case 'trying':
            return state.retryAt === undefined ? state : { ...state, retryAt: undefined };
        case 'rested':
            return state.phase === 'back' || (state.phase === 'online' && state.failures > 0) ? { phase: 'online', failures: 0 } : state;
    }
}

// Milliseconds until the next attempt. random in [0, 1): a restarted server is not found by everybody at the same moment.
export function retryDelay(failures: number, random: number): number {
    return Math.min(15_000, 500 * 2 ** Math.min(failures, 10)) * (0.75 + random / 2);
}
