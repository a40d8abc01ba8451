// What travels over REST and the socket, as the contract says. Times are ISO 8601 UTC; ids 24 lower-case hex digits.

// The four fields of a log-in.
export interface Account {
    _id: string;
    fullName: string;
    username: string;
    profilePic: string;
}

// An entry of the directory. An account that is gone has `deleted` and empty names.
export interface User extends Account {
    gender?: string;
    createdAt?: string;
    updatedAt?: string;
    deleted?: boolean;
}

export interface Message {
    _id: string;
    senderId: string;
    receiverId: string;
    message: string;
    createdAt: string;
    updatedAt: string;
}

// One line of GET /api/conversations.
export interface Summary {
    user: User;
    lastMessage: Message;
    lastActivityAt: string;
    unreadCount: number;
    lastReadMessageId: string | null;
}

// Answer of PUT …/read, and the event conversationRead.
export interface ReadMark {
    userId: string;
    lastReadMessageId: string | null;
    unreadCount: number;
}

export interface Credentials {
    username: string;
    password: string;
}

export interface SignUpForm extends Credentials {
    fullName: string;
    confirmPassword: string;
    gender: 'male' | 'female';
}
