// Tells when the page is not in touch with the server, and when it is again. Always in the document, so that the change is read aloud.
import { useSyncExternalStore } from 'react';
import { useConnection } from '../chat/hooks';
import { useTexts } from '../i18n';
import { hasNetwork, onNetworkChange } from '../platform/network';
import { useSecondsUntil } from '../ui/use_seconds';

export function ConnectionBanner() {
    const { t } = useTexts();
    const { phase, retryAt, retryNow } = useConnection();
    const network = useSyncExternalStore(onNetworkChange, hasNetwork);
    const words = phase === 'offline' && network ? 'unreachable' : phase;
    const seconds = useSecondsUntil(phase === 'offline' ? retryAt : undefined);
    return (
        <div className="banner" data-connection={phase}>
            <span role="status">{phase === 'online' ? '' : t(`connection.${words}`)}</span>
            {phase === 'offline' && (
                <span className="banner-retry">
                    {/* A text that changes each second is not for reading aloud. */}
                    <span aria-hidden="true">{seconds > 0 ? t('connection.retryIn', { seconds }) : t('connection.retrying')}</span>
                    <button type="button" className="banner-button" onClick={retryNow}>
                        {t('connection.retryNow')}
                    </button>
                </span>
            )}
        </div>
    );
}
