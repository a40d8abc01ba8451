import { Fragment } from 'react';
import { useTexts, type TextKey } from '../i18n';
import { Dialog } from '../ui/dialog';

type Keys = (TextKey | string)[];

// Each line: one or more ways, and what they do. Keys that have a name are looked up, the others are what is printed on them.
const kLines: [Keys[], TextKey][] = [
    [[['key.ctrl', 'K']], 'help.search'],
    [[['key.alt', '↑']], 'help.previous'],
    [[['key.alt', '↓']], 'help.next'],
    [[['↑'], ['↓']], 'help.arrows'],
    [[['key.enter']], 'help.open'],
    [[['key.esc']], 'help.close'],
    [[['key.enter']], 'help.send'],
    [[['key.shift', 'key.enter']], 'help.break'],
    [[['?']], 'help.help'],
];

export function HelpDialog({ open, onClose }: { open: boolean; onClose(): void }) {
    const { t } = useTexts();
    return (
        <Dialog title={t('help.title')} open={open} onClose={onClose}>
            <dl className="shortcuts">
                {kLines.map(([ways, text]) => (
                    <div key={text}>
                        <dt>{t(text)}</dt>
                        <dd>
                            {ways.map((keys, index) => (
                                <Fragment key={index}>
                                    {index > 0 && <span className="shortcut-or">{t('help.or')}</span>}
                                    {keys.map((key) => (
                                        <kbd key={key}>{key.startsWith('key.') ? t(key as TextKey) : key}</kbd>
                                    ))}
                                </Fragment>
                            ))}
                        </dd>
                    </div>
                ))}
            </dl>
        </Dialog>
    );
}
