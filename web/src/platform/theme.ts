// Light or dark: a mark on <html> for a choice, none for the system's.
import type { Settings } from './settings';

export function applyTheme(theme: Settings['theme']): void {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}
