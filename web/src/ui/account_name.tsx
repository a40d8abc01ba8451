// An account by its full name and username, each in its own direction; what stands around them lays them out.
import type { Account } from '../chat/types';

export function AccountName({ user }: { user: Pick<Account, 'fullName' | 'username'> }) {
    return (
        <>
            <strong>
                <bdi dir="auto">{user.fullName}</bdi>
            </strong>
            <span>
                <bdi dir="auto">@{user.username}</bdi>
            </span>
        </>
    );
}
