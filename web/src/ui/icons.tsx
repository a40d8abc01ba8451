// The client's own icons: 24 × 24, drawn with the text's colour, never read aloud (their buttons have names).
import type { ReactNode } from 'react';

function Icon({ children, filled }: { children: ReactNode; filled?: boolean }) {
    return (
        <svg
            className="icon"
            viewBox="0 0 24 24"
            aria-hidden="true"
            focusable="false"
            fill={filled ? 'currentColor' : 'none'}
            stroke={filled ? 'none' : 'currentColor'}
            strokeWidth="1.75"
            strokeLinecap="round"
            strokeLinejoin="round"
        >
            {children}
        </svg>
    );
}

const line = (path: string) =>
    function LineIcon() {
        return (
            <Icon>
                <path d={path} />
            </Icon>
        );
    };

export const SearchIcon = line('M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.5 15.5 20 20');
export const CloseIcon = line('M6 6l12 12M18 6 6 18');
export const BackIcon = line('M19 12H5M11 5.5 4.5 12l6.5 6.5');
export const DownIcon = line('M12 5v14M5.5 12.5 12 19l6.5-6.5');
export const CheckIcon = line('M5 12.5 10 17.5 19.5 7');
export const AlertIcon = line('M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 8v4.75M12 16v.01');
export const ClockIcon = line('M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 7.75V12l2.75 1.75');
export const RetryIcon = line('M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.75 3.5v4h-4');
export const CopyIcon = line('M9 8.5h9.5a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9.5a1 1 0 0 1 1-1ZM5.5 15.5A1.5 1.5 0 0 1 4 14V5.5A1.5 1.5 0 0 1 5.5 4H14a1.5 1.5 0 0 1 1.5 1.5');
export const TrashIcon = line('M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.75 12.5h9.5L17.5 7M10 11v5M14 11v5');
export const SignOutIcon = line('M14 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H14M10.5 12H20M16.5 8.5 20 12l-3.5 3.5');
export const KeyboardIcon = line('M4.5 6.5h15A1.5 1.5 0 0 1 21 8v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1.5-1.5ZM7 10.5v.01M10.3 10.5v.01M13.7 10.5v.01M17 10.5v.01M8 14h8');
export const SmileIcon = line('M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.5 14.25c.8 1.2 2 1.8 3.5 1.8s2.7-.6 3.5-1.8M9.25 9.5v.01M14.75 9.5v.01');
export const EyeIcon = line('M2.75 12S6 5.75 12 5.75 21.25 12 21.25 12 18 18.25 12 18.25 2.75 12 2.75 12ZM12 9.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5Z');
export const EyeOffIcon = line('M4 4l16 16M9.6 6.1A9 9 0 0 1 12 5.75c6 0 9.25 6.25 9.25 6.25a16 16 0 0 1-2.6 3.3M6.2 8A15.4 15.4 0 0 0 2.75 12S6 18.25 12 18.25a9 9 0 0 0 3.3-.6M10.1 10.1a2.75 2.75 0 0 0 3.8 3.8');
export const SettingsIcon = line('M4 7h9M17.5 7H20M4 17h2.5M11 17h9M15.25 4.75a2.25 2.25 0 1 0 0 4.5 2.25 2.25 0 0 0 0-4.5ZM8.75 14.75a2.25 2.25 0 1 0 0 4.5 2.25 2.25 0 0 0 0-4.5Z');
export const PeopleIcon = line('M9 4.75a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.75 19.5c.4-3.2 2.9-5 6.25-5s5.85 1.8 6.25 5M15.5 5a3.4 3.4 0 0 1 0 6.5M18 14.9c1.9.7 3 2.3 3.25 4.6');
export const NoteIcon = line('M6 3.75h12a1.25 1.25 0 0 1 1.25 1.25v9.5l-5.5 5.75H6A1.25 1.25 0 0 1 4.75 19V5A1.25 1.25 0 0 1 6 3.75ZM13.5 20v-5.5h5.5M8.25 8.25h7.5M8.25 11.75h4');
export const WaveIcon = line('M4.5 5.5h15a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1H12l-4.5 3.5V17h-3a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1ZM8 10h8M8 13h4.5');

export function SendIcon() {
    return (
        <Icon filled>
            <path d="M4.2 3.5a.9.9 0 0 1 1-.1l15.6 7.7a1 1 0 0 1 0 1.8L5.2 20.6a.9.9 0 0 1-1.25-1.1l2.2-6.4 7.1-1.1-7.1-1.1-2.2-6.4a.9.9 0 0 1 .25-1Z" />
        </Icon>
    );
}

export function MoreIcon() {
    return (
        <Icon filled>
            <circle cx="12" cy="5.5" r="1.6" />
            <circle cx="12" cy="12" r="1.6" />
            <circle cx="12" cy="18.5" r="1.6" />
        </Icon>
    );
}

// The mark: two voices that overlap.
export function Logo() {
    return (
        <svg className="logo" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
            <path className="logo-back" d="M16 5h13a8 8 0 0 1 8 8v7a8 8 0 0 1-5 7.4V33l-6-5H16a8 8 0 0 1-8-8v-7a8 8 0 0 1 8-8Z" />
            <path className="logo-front" d="M11 11h10a7 7 0 0 1 7 7v5a7 7 0 0 1-7 7h-6.5L8 35v-5.7A7 7 0 0 1 4 23v-5a7 7 0 0 1 7-7Z" />
            <path className="logo-line" d="M11 19h10M11 23.5h6" />
        </svg>
    );
}
