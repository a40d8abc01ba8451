// Authenticator: from a token to who is asking, and back. The one place where REST and sockets decide whom they believe.
// Threading: any loop.
#pragma once

#include <optional>
#include <string>

#include "auth/jwt.hpp"
#include "chat/accounts.hpp"
#include "chat/session_store.hpp"

namespace parley::auth {

struct Identity {
    chat::UserId user;
    std::string session;          // what SessionStore knows this login by: the `sid` claim, else the token's SHA-256
    chat::Timestamp expires_at;
};

struct IssuedToken {
    std::string token;
    Identity identity;
};

class Authenticator {
public:
    Authenticator(std::string secret, chat::Accounts& accounts, chat::SessionStore& sessions, std::chrono::seconds lifetime);

    // Unauthenticated: malformed, wrongly signed, expired or revoked. NotFound: the user does not exist any more. Unavailable: storage.
    Task<Result<Identity>> authenticate(std::string token);

    // A token for a new login, with a `sid` of its own.
    IssuedToken issue(chat::UserId user);

    // Ends the login for good, durably.
    Task<Result<bool>> revoke(Identity identity);
};

}  // namespace parley::auth
