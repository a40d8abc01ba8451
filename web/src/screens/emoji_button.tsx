// Opens the emoji; what shows them is loaded with the first opening.
import * as Popover from '@radix-ui/react-popover';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTexts } from '../i18n';
import { SmileIcon } from '../ui/icons';

const EmojiPicker = lazy(() => import('./emoji_picker'));

export function EmojiButton({ onPick }: { onPick(emoji: string): void }) {
    const { t } = useTexts();
    const [open, setOpen] = useState(false);
    const picked = useRef<string>(undefined);
    return (
        <Popover.Root open={open} onOpenChange={setOpen}>
            <Popover.Trigger asChild>
                <button type="button" className="icon-button" aria-label={t('composer.emoji')}>
                    <SmileIcon />
                </button>
            </Popover.Trigger>
            <Popover.Portal>
                <Popover.Content
                    className="emoji"
                    side="top"
                    align="start"
                    sideOffset={10}
                    collisionPadding={8}
                    aria-label={t('emoji.label')}
                    onCloseAutoFocus={(event) => {
                        if (!picked.current) return;
                        event.preventDefault(); // the focus goes where the emoji goes
                        onPick(picked.current);
                        picked.current = undefined;
                    }}
                >
                    <Suspense fallback={<p className="emoji-note">{t('app.loading')}</p>}>
                        <EmojiPicker
                            onPick={(emoji) => {
                                picked.current = emoji;
                                setOpen(false);
                            }}
                        />
                    </Suspense>
                </Popover.Content>
            </Popover.Portal>
        </Popover.Root>
    );
}
