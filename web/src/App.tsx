import { ChatProvider } from './chat/provider';
import { Root } from './screens/root';

export function App() {
    return (
        <ChatProvider>
            <Root />
        </ChatProvider>
    );
}
