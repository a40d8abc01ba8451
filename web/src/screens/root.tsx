// Chooses the screen by session and address, and sends people from one to the other.
import { Component, useEffect, useRef, type ReactNode } from 'react';
import * as Tooltip from '@radix-ui/react-tooltip';
import { useSession, useSettings } from '../chat/hooks';
import { TextsProvider, useTexts } from '../i18n';
import { Button } from '../ui/button';
import { AlertIcon, Logo } from '../ui/icons';
import { Empty } from '../ui/state';
import { ToastProvider } from '../ui/toast';
import { Chat } from './chat';
import { conversationPath, navigate, pathAfterSignIn, signInPath, useRoute } from './route';
import { SignIn } from './sign_in';
import { SignUp } from './sign_up';
import '../ui/styles/index.css';

export function Root() {
    const [settings] = useSettings();
    return (
        <TextsProvider choice={settings.language}>
            <Tooltip.Provider delayDuration={500} skipDelayDuration={200}>
                <ToastProvider>
                    <Guard>
                        <Screen />
                    </Guard>
                </ToastProvider>
            </Tooltip.Provider>
        </TextsProvider>
    );
}

function Screen() {
    const { t } = useTexts();
    const route = useRoute();
    const { phase, user, notice, unanswered, retryNow } = useSession();
    const me = user?._id;
    const signing = route.at === 'signIn' || route.at === 'signUp';
    const before = useRef<string>(undefined); // who was signed in last
    useEffect(() => {
        if (phase === 'signedOut' && !signing) {
            const leftOnPurpose = before.current !== undefined && !notice;
            navigate(leftOnPurpose ? '/signin' : signInPath(location.pathname, before.current), { replace: true });
        } else if (me && signing) {
            navigate(pathAfterSignIn(location.search, me), { replace: true });
        } else if (me && before.current !== undefined && before.current !== me) {
            navigate('/', { replace: true }); // another tab has signed somebody else in
        }
        if (me) before.current = me;
    }, [phase, signing, me, notice]);
    useEffect(() => {
        const open = (event: Event) => navigate(conversationPath(String((event as CustomEvent).detail)));
        window.addEventListener('parley:open', open);
        return () => window.removeEventListener('parley:open', open);
    }, []);
    if (phase === 'signedOut' && signing) return route.at === 'signUp' ? <SignUp /> : <SignIn />;
    if (phase === 'signedIn' && !signing) return <Chat key={me} peerId={route.at === 'conversation' ? route.peerId : undefined} />;
    return (
        <main className="splash" aria-busy="true" aria-label={t('app.loading')}>
            <h1 className="visually-hidden">{t('app.name')}</h1>
            <Logo />
            <div className="splash-words">
                <p role="status">{phase === 'loading' && unanswered ? t('app.unanswered') : ''}</p>
                {phase === 'loading' && unanswered && <Button onClick={retryNow}>{t('connection.retryNow')}</Button>}
            </div>
        </main>
    );
}

// What is left to show when a screen has thrown: a way to begin again.
class Guard extends Component<{ children: ReactNode }, { failed: boolean }> {
    override state = { failed: false };
    static getDerivedStateFromError() {
        return { failed: true };
    }
    override render() {
        return this.state.failed ? <Crash /> : this.props.children;
    }
}

function Crash() {
    const { t } = useTexts();
    return (
        <main className="splash">
            <Empty main icon={<AlertIcon />} title={t('error.crash.title')} text={t('error.crash.text')}>
                <Button kind="primary" onClick={() => location.reload()}>
                    {t('error.crash.reload')}
                </Button>
            </Empty>
        </main>
    );
}
