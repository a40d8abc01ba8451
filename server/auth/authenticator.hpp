// Authenticator: from a token to who is asking, and back. The one place where REST and sockets decide whom they believe.
// Of tokens it remembers only that they were made here (a bounded number of them): that a login has not been ended is the SessionStore's to answer
// quickly, a user's existence the Accounts' cache.
// Threading: any loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/bounded_map.hpp"
#include "auth/jwt.hpp"
#include "chat/accounts.hpp"
#include "chat/session_store.hpp"

namespace parley::auth {

struct Identity {
    chat::UserId user;
    std::string session;  // what SessionStore knows this login by: the `sid` claim, else the token's SHA-256
    chat::Timestamp expires_at;
};

struct IssuedToken {
    std::string token;
    Identity identity;
};

// The message of the Unauthenticated error for a login that has been ended; every other one is of the token itself.
inline constexpr std::string_view kSessionEnded = "the session has ended";

class Authenticator {
public:
    Authenticator(std::string secret, chat::Accounts& accounts, chat::SessionStore& sessions, std::chrono::seconds lifetime);

    // Unauthenticated: malformed, wrongly signed, expired or revoked. NotFound: the user does not exist (any more), or the
    // token names none. Unavailable: storage.
    Task<Result<Identity>> authenticate(std::string token);

    // The same for somebody who was remembered, if it can be told without waiting: the token is one of the last kRemembered that remember() was called
    // with, has not expired, its login certainly has not been ended, and the user is in the Accounts' cache. nullopt is no answer.
    std::optional<Identity> recognise(std::string_view token);
    static constexpr std::size_t kRemembered = 4'096;  // about 600 bytes each
    // `identity`: what authenticate() said to this token.
    void remember(std::string_view token, const Identity& identity);

    // A token for a new login, with a `sid` of its own.
    IssuedToken issue(chat::UserId user);

    // Whether the login has been ended since it was authenticated. Unavailable: storage.
    Task<Result<bool>> is_ended(Identity identity) { return sessions_.is_revoked(std::move(identity.session)); }

    // Ends the login for good, durably.
    Task<Result<bool>> revoke(Identity identity);

private:
    Result<Identity> read(const std::string& token) const;

    const std::string secret_;
    const std::chrono::seconds lifetime_;
    chat::Accounts& accounts_;
    chat::SessionStore& sessions_;
    BoundedMap<Identity> remembered_{kRemembered};  // by token
};

}  // namespace parley::auth
