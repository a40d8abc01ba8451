import { useId, useState, type ReactNode } from 'react';
import { useSession, useSettings } from '../chat/hooks';
import type { Settings } from '../chat/types';
import { useTexts } from '../i18n';
import { askForNotifications, notificationPermission } from '../platform/notifications';
import { AccountName } from '../ui/account_name';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';

export function SettingsDialog({ open, onClose }: { open: boolean; onClose(): void }) {
    const { t } = useTexts();
    const { user } = useSession();
    const [settings, change] = useSettings();
    return (
        <Dialog title={t('settings.title')} open={open} onClose={onClose}>
            {user && (
                <div className="settings-account">
                    <Avatar user={user} large />
                    <div>
                        <AccountName user={user} />
                    </div>
                </div>
            )}
            <Choice
                name="theme"
                label={t('settings.theme')}
                value={settings.theme}
                options={(['system', 'light', 'dark'] as const).map((value) => [value, t(`settings.theme.${value}`)])}
                onChange={(theme) => change({ theme })}
            />
            <Choice
                name="language"
                label={t('settings.language')}
                value={settings.language}
                options={(['system', 'en', 'de'] as const).map((value) => [value, t(`settings.language.${value}`)])}
                onChange={(language) => change({ language })}
            />
            <Switch label={t('settings.sound')} text={t('settings.sound.text')} checked={settings.sound} onChange={(sound) => change({ sound })} />
            <Notifications settings={settings} change={change} />
            <p className="settings-licences">
                <a href="/licences.txt" target="_blank" rel="noopener">
                    {t('settings.licences')}
                </a>
            </p>
        </Dialog>
    );
}

// The browser is asked only by this switch, never by itself.
function Notifications({ settings, change }: { settings: Settings; change(change: Partial<Settings>): void }) {
    const { t } = useTexts();
    const [permission, setPermission] = useState(notificationPermission);
    const possible = permission === 'granted' || permission === 'default';
    async function turn(on: boolean) {
        if (!on) return change({ notifications: false });
        const answer = permission === 'granted' ? permission : await askForNotifications();
        setPermission(answer);
        change({ notifications: answer === 'granted' });
    }
    return (
        <Switch
            label={t('settings.notifications')}
            text={possible ? t('settings.notifications.text') : t(`settings.notifications.${permission}`)}
            checked={settings.notifications && permission === 'granted'}
            disabled={!possible}
            onChange={(on) => void turn(on)}
        >
            {settings.notifications && permission === 'default' && <Button onClick={() => void turn(true)}>{t('settings.notifications.ask')}</Button>}
        </Switch>
    );
}

interface ChoiceProps<Value extends string> {
    name: string;
    label: string;
    value: Value;
    options: [Value, string][];
    onChange(value: Value): void;
}

function Choice<Value extends string>({ name, label, value, options, onChange }: ChoiceProps<Value>) {
    return (
        <fieldset className="field choice">
            <legend>{label}</legend>
            <div className="segments">
                {options.map(([option, text]) => (
                    <label key={option} className="segment">
                        <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
                        <span>{text}</span>
                    </label>
                ))}
            </div>
        </fieldset>
    );
}

interface SwitchProps {
    label: string;
    text: string;
    checked: boolean;
    disabled?: boolean;
    onChange(on: boolean): void;
    children?: ReactNode;
}

function Switch({ label, text, checked, disabled, onChange, children }: SwitchProps) {
    const id = useId();
    return (
        <div className="switch-line">
            <div>
                <label htmlFor={id}>{label}</label>
                <p id={`${id}-text`}>{text}</p>
                {children}
            </div>
            <input
                id={id}
                className="switch"
                type="checkbox"
                role="switch"
                checked={checked}
                disabled={disabled}
                aria-describedby={`${id}-text`}
                onChange={(event) => onChange(event.target.checked)}
            />
        </div>
    );
}
