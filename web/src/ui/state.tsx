// What stands where there is nothing to show (yet): an empty place, an error with a way out, and grey shapes while something loads.
import type { ReactNode } from 'react';
import { useTexts } from '../i18n';
import { Button } from './button';
import { AlertIcon, RetryIcon } from './icons';

// main: it is all that the page, or its pane, is about.
export function Empty({ icon, title, text, main, children }: { icon: ReactNode; title: string; text?: string; main?: boolean; children?: ReactNode }) {
    const Heading = main ? 'h1' : 'h2';
    return (
        <div className="empty">
            <span className="empty-icon">{icon}</span>
            <Heading>{title}</Heading>
            {text && <p>{text}</p>}
            {children}
        </div>
    );
}

export function Failure({ text, onRetry }: { text: ReactNode; onRetry(): void }) {
    const { t } = useTexts();
    return (
        <div className="failure" role="alert">
            <AlertIcon />
            <p>{text}</p>
            <Button onClick={onRetry}>
                <RetryIcon /> {t('common.retry')}
            </Button>
        </div>
    );
}

export function PeopleSkeleton() {
    const { t } = useTexts();
    return (
        <div className="skeleton-people" role="status" aria-label={t('app.loading')}>
            {[62, 44, 55, 38, 60, 48].map((width, index) => (
                <div className="skeleton-person" key={index}>
                    <span className="skeleton skeleton-round" />
                    <span className="skeleton-lines">
                        <span className="skeleton" style={{ inlineSize: `${width}%` }} />
                        <span className="skeleton" style={{ inlineSize: `${width + 25}%` }} />
                    </span>
                </div>
            ))}
        </div>
    );
}

export function MessagesSkeleton() {
    const { t } = useTexts();
    return (
        <div className="skeleton-messages" role="status" aria-label={t('app.loading')}>
            {[46, 30, 58, 38, 52].map((width, index) => (
                <span key={index} className={`skeleton ${index % 3 === 1 ? 'skeleton-mine' : ''}`} style={{ inlineSize: `${width}%` }} />
            ))}
        </div>
    );
}
