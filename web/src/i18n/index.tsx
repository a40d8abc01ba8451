// The texts of the language in use, for every component: const { t } = useTexts().
import { createContext, useContext, useLayoutEffect, useMemo, type ReactNode } from 'react';
import { languageOf, localeOf, makeTexts, type Language, type Texts } from './text';

export type { Language, Texts } from './text';
export type { TextKey } from './en';

const Context = createContext<Texts>(makeTexts('en', 'en'));

export function TextsProvider({ choice, children }: { choice: 'system' | Language; children: ReactNode }) {
    const texts = useMemo(() => {
        const language = languageOf(choice, navigator.languages);
        return makeTexts(language, localeOf(language, navigator.languages));
    }, [choice]);
    useLayoutEffect(() => {
        document.documentElement.lang = texts.language;
    }, [texts]);
    return <Context.Provider value={texts}>{children}</Context.Provider>;
}

export function useTexts(): Texts {
    return useContext(Context);
}
