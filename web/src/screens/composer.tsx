// Where a message is written. Enter sends, Shift+Enter breaks the line; what is written stays as a draft until it is sent.
import { useEffect, useId, useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { useDraft } from '../chat/hooks';
import { useTexts } from '../i18n';
import { SendIcon } from '../ui/icons';
import { sizeText } from '../ui/sizes';
import { EmojiButton } from './emoji_button';
import { finePointer } from './keys';

const kLimitBytes = 100 * 1024 - 64; // of the body that carries it

export function Composer({ peerId, self, onSend }: { peerId: string; self: boolean; onSend(text: string): void }) {
    const { t, locale } = useTexts();
    const [text, setText] = useDraft(peerId);
    const area = useRef<HTMLTextAreaElement>(null);
    const id = useId();
    const size = sizeOf(text);
    const tooLong = size > kLimitBytes;
    const blank = text.trim() === '';

    useEffect(() => {
        if (finePointer()) area.current?.focus({ preventScroll: true });
    }, []);
    useLayoutEffect(() => {
        const element = area.current;
        if (!element) return;
        element.style.height = 'auto';
        element.style.height = `${element.scrollHeight}px`;
    }, [text]);

    function send() {
        if (blank || tooLong) return;
        onSend(text);
        setText('');
        area.current?.focus();
    }
    function keys(event: KeyboardEvent) {
        // While an input method composes, Enter chooses a word; Safari says so by the code 229 only.
        if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        send();
    }
    function insert(emoji: string) {
        const element = area.current;
        if (!element) return;
        element.focus();
        // Not by setRangeText: React would not hear of it, and take the way back to what was there before for no change.
        const { value, selectionStart, selectionEnd } = element;
        const caret = selectionStart + emoji.length;
        setText(value.slice(0, selectionStart) + emoji + value.slice(selectionEnd));
        requestAnimationFrame(() => element.setSelectionRange(caret, caret));
    }
    return (
        <form
            className="composer"
            onSubmit={(event) => {
                event.preventDefault();
                send();
            }}
        >
            <div className="composer-box">
                <EmojiButton onPick={insert} />
                <textarea
                    ref={area}
                    rows={1}
                    value={text}
                    onChange={(event) => setText(event.target.value)}
                    onKeyDown={keys}
                    aria-label={t('composer.label')}
                    aria-describedby={tooLong ? `${id}-long` : `${id}-hint`}
                    aria-invalid={tooLong || undefined}
                    placeholder={t(self ? 'composer.placeholder.self' : 'composer.placeholder')}
                    enterKeyHint="send"
                    autoComplete="off"
                    dir="auto"
                />
                <button type="submit" className="send" aria-label={t('composer.send')} disabled={blank || tooLong}>
                    <SendIcon />
                </button>
            </div>
            {tooLong ? (
                <p className="composer-hint field-error" id={`${id}-long`} role="alert">
                    {t('composer.tooLong', { over: sizeText(size - kLimitBytes, locale), limit: 100 })}
                </p>
            ) : (
                <p className="composer-hint" id={`${id}-hint`}>
                    {t('composer.hint')}
                </p>
            )}
        </form>
    );
}

// As it travels: JSON in UTF-8. Short texts are not worth counting.
function sizeOf(text: string): number {
    return text.length < 16_000 ? text.length : new TextEncoder().encode(JSON.stringify(text)).length;
}
