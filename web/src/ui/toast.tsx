// Short notes at the edge of the page that go by themselves; read aloud politely.
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react';

const kShownMs = 4000;
const Context = createContext<(text: string) => void>(() => {});

interface Toast {
    id: number;
    text: string;
}

export function ToastProvider({ children }: { children: ReactNode }) {
    const [toasts, setToasts] = useState<Toast[]>([]);
    const next = useRef(0);
    const timers = useRef(new Set<number>());
    useEffect(() => () => timers.current.forEach((timer) => clearTimeout(timer)), []);
    const show = useCallback((text: string) => {
        const id = next.current++;
        setToasts((all) => [...all.slice(-2), { id, text }]);
        timers.current.add(window.setTimeout(() => setToasts((all) => all.filter((toast) => toast.id !== id)), kShownMs));
    }, []);
    return (
        <Context.Provider value={show}>
            {children}
            <div className="toasts" role="status" aria-live="polite">
                {toasts.map((toast) => (
                    <div key={toast.id} className="toast">
                        {toast.text}
                    </div>
                ))}
            </div>
        </Context.Provider>
    );
}

export function useToast(): (text: string) => void {
    return useContext(Context);
}
