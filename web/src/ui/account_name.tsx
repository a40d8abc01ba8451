// An account by its full name and username, each in its own direction; what stands around them lays them out.
import type { Account } from '../chat/types';

export function AccountName({ user }: { user: Pick<Account, 'fullName' | 'username'> }) {
    return (
        <>
            <strong dir="auto">{user.fullName}</strong>
            <span dir="auto">@{user.username}</span>
        </>
    );
}
