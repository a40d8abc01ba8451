// The text of a message as it was written: spaces and lines kept, links as links, nothing ever taken for markup. Long ones are folded.
import { memo, useMemo, useState } from 'react';
import { useTexts } from '../i18n';
import { fold } from './bubbles';
import { linkify } from './linkify';

export const MessageText = memo(function MessageText({ text }: { text: string }) {
    const { t } = useTexts();
    const [open, setOpen] = useState(false);
    const short = useMemo(() => fold(text), [text]);
    const tokens = useMemo(() => linkify(open ? text : short.text), [open, short, text]);
    return (
        <>
            <span className={`message-text ${isOnlyEmoji(text) ? 'message-text-emoji' : ''}`} dir="auto">
                {tokens.map((token, index) =>
                    token.href ? (
                        <a key={index} href={token.href} target="_blank" rel="noopener noreferrer nofollow">
                            {token.text}
                        </a>
                    ) : (
                        token.text
                    ),
                )}
                {short.folded && !open && '…'}
            </span>
            {short.folded && (
                <button type="button" className="message-more" aria-expanded={open} onClick={() => setOpen(!open)}>
                    {t(open ? 'messages.less' : 'messages.more')}
                </button>
            )}
        </>
    );
});

// Up to three emoji and nothing else are shown large.
export function isOnlyEmoji(text: string): boolean {
    return text.length <= 40 && /^\s*(?:(?:\p{RI}\p{RI}|\p{Emoji}(?:\p{EMod}|\ufe0f\u20e3?)?(?:\u200d\p{Emoji}(?:\p{EMod}|\ufe0f)?)*)\s*){1,3}$/u.test(text) && !/[\d#*]/.test(text);
}
