// A person's picture with the dot that tells whether they are online. Only pictures of this server are loaded; where there is none, the initials stand in.
import { useEffect, useState } from 'react';
import type { User } from '../chat/types';

type Person = Pick<User, '_id' | 'fullName' | 'profilePic' | 'deleted'>;

// A path of this origin: one slash and no second one, also not the backslash that browsers take for one, nor one behind a tab or a line break, which they skip.
export function pictureOf(user: Person): string {
    return /^\/(?![/\\])[^\\\u0000-\u0020]*$/.test(user.profilePic ?? '') ? user.profilePic : `/api/avatars/${user._id}.svg`;
}

export function initials(name: string): string {
    const words = name.trim().split(/\s+/).filter(Boolean);
    return [words[0], words.length > 1 ? words[words.length - 1] : undefined].map((word) => (word ? [...word][0]! : '')).join('').toLocaleUpperCase();
}

export function Avatar({ user, online, large }: { user: Person; online?: boolean; large?: boolean }) {
    const source = pictureOf(user);
    const [failed, setFailed] = useState(false);
    useEffect(() => setFailed(false), [source]);
    return (
        <span className={`avatar ${large ? 'avatar-large' : ''}`} aria-hidden="true">
            {failed || user.deleted ? (
                <span className="avatar-initials">{initials(user.fullName) || '?'}</span>
            ) : (
                <img src={source} alt="" decoding="async" draggable={false} onError={() => setFailed(true)} />
            )}
            {online && <span className="avatar-dot" />}
        </span>
    );
}
