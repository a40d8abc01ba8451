// A dialog in the middle of the page (at the bottom of a phone), with a title and a button that closes it.
import * as Radix from '@radix-ui/react-dialog';
import { useRef, type ReactNode } from 'react';
import { useTexts } from '../i18n';
import { CloseIcon } from './icons';

interface Props {
    title: string;
    open: boolean;
    onClose(): void;
    children: ReactNode;
}

export function Dialog({ title, open, onClose, children }: Props) {
    const { t } = useTexts();
    // Radix gives the focus back to a trigger of its own, which these dialogs do not have.
    const opener = useRef<Element | null>(null);
    return (
        <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
            <Radix.Portal>
                <Radix.Overlay className="overlay" />
                <Radix.Content
                    className="dialog"
                    aria-describedby={undefined}
                    onOpenAutoFocus={() => (opener.current = document.activeElement)}
                    onCloseAutoFocus={(event) => {
                        event.preventDefault();
                        if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true });
                    }}
                >
                    <header className="dialog-head">
                        <Radix.Title className="dialog-title">{title}</Radix.Title>
                        <Radix.Close className="icon-button" aria-label={t('common.close')}>
                            <CloseIcon />
                        </Radix.Close>
                    </header>
                    <div className="dialog-body">{children}</div>
                </Radix.Content>
            </Radix.Portal>
        </Radix.Root>
    );
}
