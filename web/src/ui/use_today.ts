// A moment of the current day, for `now` of dates.ts; renders again at midnight.
import { useSyncExternalStore } from 'react';
import { Today } from '../platform/today';

const today = new Today();

export function useToday(): Date {
    return useSyncExternalStore(today.subscribe, today.get);
}
