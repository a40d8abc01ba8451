// Buttons. An icon button has a name, which is also its tooltip.
import * as Tooltip from '@radix-ui/react-tooltip';
import { forwardRef, type ButtonHTMLAttributes, type ReactNode } from 'react';

type Props = ButtonHTMLAttributes<HTMLButtonElement>;

export const Button = forwardRef<HTMLButtonElement, Props & { kind?: 'primary' | 'plain' | 'danger'; busy?: boolean }>(function Button(
    { kind = 'plain', busy, className = '', children, ...rest },
    ref,
) {
    return (
        <button ref={ref} type="button" {...rest} className={`button button-${kind} ${className}`} aria-busy={busy || undefined}>
            {busy && <span className="spinner" aria-hidden="true" />}
            {children}
        </button>
    );
});

export const IconButton = forwardRef<HTMLButtonElement, Props & { name: string; children: ReactNode }>(function IconButton({ name, className = '', children, ...rest }, ref) {
    return (
        <Tooltip.Root>
            <Tooltip.Trigger asChild>
                <button ref={ref} type="button" aria-label={name} {...rest} className={`icon-button ${className}`}>
                    {children}
                </button>
            </Tooltip.Trigger>
            {/* No portal: it belongs to the landmark of its button. */}
            <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
                {name}
            </Tooltip.Content>
        </Tooltip.Root>
    );
});
