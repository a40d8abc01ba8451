// What a person is told of a failed call: in the page's language where the case is known, in the server's words where it is not.
import { ApiError } from '../api/http';
import type { Texts } from '../i18n';

export function errorText(error: unknown, { t }: Texts): string {
    if (!(error instanceof ApiError)) return t('error.server');
    if (error.status === 0 || error.status === 408) return t('error.network');
    if (error.status === 429) return error.retryAfter ? t('error.tooManyIn', { seconds: Math.ceil(error.retryAfter) }) : t('error.tooMany');
    if (error.status >= 500) return t('error.server');
    if (error.message === 'Invalid username or password') return t('error.credentials');
    if (error.message === 'Username already exists') return t('error.usernameTaken');
    return error.message || t('error.server');
}
