import { afterEach, describe, expect, it, vi } from 'vitest';
import { openChannel } from './channel';

afterEach(() => vi.unstubAllGlobals());

describe('a channel between tabs', () => {
    it('carries words to the others', async () => {
        let hear = (_: string) => {};
        const heard = new Promise<string>((resolve) => (hear = resolve));
        const [one, other] = [openChannel<string>('test', () => {}), openChannel<string>('test', (words) => hear(words))];
        one.post('hello');
        expect(await heard).toBe('hello');
        one.close();
        other.close();
    });

    it('says nothing when it is closed, and does not throw', () => {
        const channel = openChannel<string>('test', () => {});
        channel.close();
        expect(() => channel.post('late')).not.toThrow();
    });

    it('is silent where browsers have none', () => {
        vi.stubGlobal('BroadcastChannel', undefined);
        const channel = openChannel<string>('test', () => {});
        expect(() => (channel.post('hello'), channel.close())).not.toThrow();
    });
});
