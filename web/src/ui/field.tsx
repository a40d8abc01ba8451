// One line of a form: a label, an input, a hint, and what is wrong with it, bound together for screen readers.
import { useId, useState, type InputHTMLAttributes } from 'react';
import { useTexts } from '../i18n';
import { IconButton } from './button';
import { AlertIcon, EyeIcon, EyeOffIcon } from './icons';

interface Props extends InputHTMLAttributes<HTMLInputElement> {
    label: string;
    hint?: string;
    error?: string;
}

export function Field({ label, hint, error, type = 'text', ...rest }: Props) {
    const { t } = useTexts();
    const id = useId();
    const [shown, setShown] = useState(false);
    const secret = type === 'password';
    const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
    return (
        <div className="field">
            <label htmlFor={id}>{label}</label>
            <div className="field-box">
                <input {...rest} id={id} type={secret && shown ? 'text' : type} aria-invalid={error ? true : undefined} aria-describedby={described || undefined} dir="auto" />
                {secret && (
                    <IconButton name={t(shown ? 'field.hidePassword' : 'field.showPassword')} onClick={() => setShown(!shown)}>
                        {shown ? <EyeOffIcon /> : <EyeIcon />}
                    </IconButton>
                )}
            </div>
            {error ? (
                <p className="field-error" id={`${id}-error`}>
                    <AlertIcon /> {error}
                </p>
            ) : null}
            {hint && (
                <p className={error ? 'visually-hidden' : 'field-hint'} id={`${id}-hint`}>
                    {hint}
                </p>
            )}
        </div>
    );
}
