import { useId } from 'react';
import type { SignUpForm } from '../chat/types';
import { useSession } from '../chat/hooks';
import { useTexts } from '../i18n';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { AlertIcon } from '../ui/icons';
import { SignFrame, useForm, type Problems } from './sign_frame';

const kMinPassword = 6;
const kMaxPasswordBytes = 72;
const kMaxUsername = 64;

// The server's own rules, told before it is asked.
export function checkSignUp(values: Record<string, string>): Problems {
    const { fullName = '', username = '', password = '', confirmPassword = '', gender } = values;
    const problems: Problems = {};
    if (!fullName.trim()) problems.fullName = 'check.fullName';
    if (!username.trim()) problems.username = 'check.username';
    else if ([...username.trim()].length > kMaxUsername) problems.username = 'check.usernameLong';
    if ([...password].length < kMinPassword) problems.password = 'check.passwordShort';
    else if (new TextEncoder().encode(password).length > kMaxPasswordBytes) problems.password = 'check.passwordLong';
    else if (password !== confirmPassword) problems.confirmPassword = 'check.passwordsDiffer';
    if (gender !== 'female' && gender !== 'male') problems.gender = 'check.gender';
    return problems;
}

export function SignUp() {
    const { t } = useTexts();
    const session = useSession();
    const form = useForm(checkSignUp, (values) => session.signUp({ ...values, fullName: values.fullName!.trim() } as unknown as SignUpForm));
    return (
        <SignFrame
            title={t('signUp.title')}
            lead={t('signUp.lead')}
            failure={form.failure}
            other={t('signUp.other')}
            otherPath="/signin"
            otherName={t('signUp.toSignIn')}
        >
            <form {...form.props} method="post" action="/signup">
                <Field label={t('field.fullName')} name="fullName" autoComplete="name" hint={t('field.fullName.hint')} required autoFocus error={form.problem('fullName')} />
                <Field label={t('field.username')} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required error={form.problem('username')} />
                <Field
                    label={t('field.password')}
                    name="password"
                    type="password"
                    autoComplete="new-password"
                    hint={t('field.password.hint')}
                    required
                    error={form.problem('password')}
                />
                <Field label={t('field.confirmPassword')} name="confirmPassword" type="password" autoComplete="new-password" required error={form.problem('confirmPassword')} />
                <Gender error={form.problem('gender')} />
                <Button type="submit" kind="primary" className="button-wide" busy={form.busy}>
                    {t(form.busy ? 'signUp.busy' : 'signUp.submit')}
                </Button>
            </form>
        </SignFrame>
    );
}

function Gender({ error }: { error?: string }) {
    const { t } = useTexts();
    const id = useId();
    return (
        <fieldset className="field choice" aria-describedby={error ? id : undefined}>
            <legend>{t('field.gender')}</legend>
            <div className="segments">
                {(['female', 'male'] as const).map((value) => (
                    <label key={value} className="segment">
                        <input type="radio" name="gender" value={value} required aria-invalid={error ? true : undefined} />
                        <span>{t(`field.gender.${value}`)}</span>
                    </label>
                ))}
            </div>
            {error && (
                <p className="field-error" id={id}>
                    <AlertIcon /> {error}
                </p>
            )}
        </fieldset>
    );
}
