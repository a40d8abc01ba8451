// The button that signs out. It removes what is not sent from this browser, and asks first if there is any.
import { useState } from 'react';
import { useSession, useUnsent } from '../chat/hooks';
import { useTexts } from '../i18n';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SignOutIcon } from '../ui/icons';
import { useToast } from '../ui/toast';
import { errorText } from './error_text';

export function SignOut() {
    const texts = useTexts();
    const { t } = texts;
    const { signOut } = useSession();
    const unsent = useUnsent();
    const toast = useToast();
    const [asking, setAsking] = useState(false);
    const leave = (remove: boolean) => {
        setAsking(false);
        void signOut(remove).catch((error: unknown) => toast(errorText(error, texts)));
    };
    return (
        <>
            <IconButton name={t('menu.signOut')} onClick={() => (unsent ? setAsking(true) : leave(false))}>
                <SignOutIcon />
            </IconButton>
            <Dialog title={t('signOut.title')} open={asking} onClose={() => setAsking(false)}>
                <p>{t('signOut.text')}</p>
                <div className="dialog-actions">
                    <Button onClick={() => setAsking(false)}>{t('signOut.stay')}</Button>
                    <Button kind="danger" onClick={() => leave(true)}>
                        {t('signOut.remove')}
                    </Button>
                </div>
            </Dialog>
        </>
    );
}
