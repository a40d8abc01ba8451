// Tells when the browser refuses to store what is not sent yet. Always in the document, so that the change is read aloud.
import { useStorageRefused } from '../chat/hooks';
import { useTexts } from '../i18n';

export function StorageBanner() {
    const { t } = useTexts();
    const refused = useStorageRefused();
    return (
        <div className="banner" data-storage={refused ? 'refused' : 'works'}>
            <span role="status">{refused && t('storage.refused')}</span>
        </div>
    );
}
