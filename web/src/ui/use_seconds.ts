// Whole seconds until a time (Date.now() scale), counting down to 0; 0 without one.
import { useEffect, useState } from 'react';

export function useSecondsUntil(time?: number): number {
    const [now, setNow] = useState(() => Date.now());
    useEffect(() => {
        if (time === undefined) return;
        setNow(Date.now());
        const timer = setInterval(() => {
            setNow(Date.now());
            if (Date.now() >= time) clearInterval(timer);
        }, 1000);
        return () => clearInterval(timer);
    }, [time]);
    return time === undefined ? 0 : Math.max(0, Math.ceil((time - now) / 1000));
}
