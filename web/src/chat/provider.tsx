// Puts the logic above the screens.
import type { ReactNode } from 'react';

export function ChatProvider({ children }: { children: ReactNode }) {
    return <>{children}</>;
}
