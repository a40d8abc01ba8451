// errorText() on the page. How long to wait counts down there; what is read aloud does not, and says when the wait is over.
import { useMemo } from 'react';
import { ApiError } from '../api/http';
import { useTexts } from '../i18n';
import { useSecondsUntil } from '../ui/use_seconds';
import { errorText } from './error_text';

export function ErrorText({ error }: { error: unknown }) {
    const texts = useTexts();
    const until = useMemo(() => (error instanceof ApiError && error.status === 429 && error.retryAfter ? Date.now() + error.retryAfter * 1000 : undefined), [error]);
    const seconds = useSecondsUntil(until);
    if (until === undefined) return errorText(error, texts);
    const over = texts.t('error.tooManyOver');
    return (
        <>
            <span aria-hidden="true">{seconds > 0 ? texts.t('error.tooManyIn', { seconds }) : over}</span>
            <span className="visually-hidden">{seconds > 0 ? errorText(error, texts) : over}</span>
        </>
    );
}
