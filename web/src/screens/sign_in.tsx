import { useSession } from '../chat/hooks';
import { useTexts } from '../i18n';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { SignFrame, useForm, type Problems } from './sign_frame';

function check({ username = '', password = '' }: Record<string, string>): Problems {
    return { ...(username.trim() ? {} : { username: 'check.username' }), ...(password ? {} : { password: 'check.password' }) };
}

export function SignIn() {
    const { t } = useTexts();
    const session = useSession();
    const form = useForm(check, ({ username = '', password = '' }) => session.signIn({ username, password }));
    const notice = session.notice && t(session.notice === 'expired' ? 'signIn.expired' : 'signIn.elsewhere');
    return (
        <SignFrame
            title={t('signIn.title')}
            lead={t('signIn.lead')}
            notice={notice}
            failure={form.failure}
            other={t('signIn.other')}
            otherPath="/signup"
            otherName={t('signIn.toSignUp')}
        >
            <form {...form.props} method="post" action="/signin">
                <Field
                    label={t('field.username')}
                    name="username"
                    autoComplete="username"
                    autoCapitalize="none"
                    spellCheck={false}
                    required
                    autoFocus
                    error={form.problem('username')}
                />
                <Field label={t('field.password')} name="password" type="password" autoComplete="current-password" required error={form.problem('password')} />
                <Button type="submit" kind="primary" className="button-wide" busy={form.busy}>
                    {t(form.busy ? 'signIn.busy' : 'signIn.submit')}
                </Button>
            </form>
        </SignFrame>
    );
}
