// The page around both forms of signing in and up; keeps what they have in common: checking, sending, and saying what went wrong.
import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useTexts, type TextKey } from '../i18n';
import { AlertIcon, Logo } from '../ui/icons';
import { ErrorText } from './error_words';
import { navigate } from './route';

export type Problems = Partial<Record<string, TextKey>>;

// Checks the form by `check`, shows what is wrong at the fields, else calls `send`. After a failure the first wrong field has the focus.
export function useForm(check: (values: Record<string, string>) => Problems, send: (values: Record<string, string>) => Promise<void>) {
    const texts = useTexts();
    const [problems, setProblems] = useState<Problems>({});
    const [failure, setFailure] = useState<unknown>();
    const [busy, setBusy] = useState(false);
    const form = useRef<HTMLFormElement>(null);
    async function submit(event: FormEvent) {
        event.preventDefault();
        if (busy || !form.current) return;
        const values = Object.fromEntries([...new FormData(form.current)].map(([name, value]) => [name, String(value)]));
        const found = check(values);
        setProblems(found);
        setFailure(undefined);
        const wrong = [...form.current.elements].find((element) => found[(element as HTMLInputElement).name]);
        if (wrong) return (wrong as HTMLElement).focus();
        setBusy(true);
        try {
            await send(values);
        } catch (error) {
            setFailure(error);
        } finally {
            setBusy(false);
        }
    }
    const forget = (event: FormEvent) => {
        const name = (event.target as HTMLInputElement).name;
        if (problems[name]) setProblems({ ...problems, [name]: undefined });
    };
    return {
        busy,
        props: { ref: form, onSubmit: (event: FormEvent) => void submit(event), onInput: forget, noValidate: true },
        problem: (name: string) => (problems[name] ? texts.t(problems[name]) : undefined),
        failure: failure === undefined ? undefined : <ErrorText error={failure} />,
    };
}

interface Props {
    title: string;
    lead: string;
    notice?: string;
    failure?: ReactNode;
    other: string;
    otherPath: string;
    otherName: string;
    children: ReactNode;
}

export function SignFrame({ title, lead, notice, failure, other, otherPath, otherName, children }: Props) {
    const { t } = useTexts();
    return (
        <main className="sign">
            <div className="sign-card">
                <div className="brand">
                    <Logo />
                    <span className="brand-name">{t('app.name')}</span>
                </div>
                <h1>{title}</h1>
                <p className="sign-lead">{lead}</p>
                {notice && (
                    <p className="note" role="status">
                        {notice}
                    </p>
                )}
                <div role="alert">
                    {failure && (
                        <p className="note note-error">
                            <AlertIcon /> <span>{failure}</span>
                        </p>
                    )}
                </div>
                {children}
                <p className="sign-other">
                    {other}{' '}
                    <a
                        href={otherPath + location.search}
                        onClick={(event) => {
                            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                            event.preventDefault();
                            navigate(otherPath + location.search);
                        }}
                    >
                        {otherName}
                    </a>
                </p>
            </div>
            <p className="sign-tagline">{t('app.tagline')}</p>
        </main>
    );
}
