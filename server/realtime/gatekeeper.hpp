// Gatekeeper: decides at a session's handshake, and again at its upgrade, who it is (the contract's "Socket identity").
// A bad, expired or revoked credential counts as none; a session without one opens all the same, as nobody, because pages of another origin send
// their cookie with the WebSocket only.
// Threading: any loop.
#pragma once

#include <memory>

#include "auth/authenticator.hpp"
#include "parley/engineio/server.hpp"
#include "realtime/credential.hpp"

namespace parley::realtime {

struct GatekeeperOptions {
    std::size_t anonymous_per_address = 100;  // sessions that have not said who they are
    bool legacy_query_auth = false;           // believe ?userId=, as the original does
};

class Gatekeeper {
public:
    Gatekeeper(auth::Authenticator& authenticator, GatekeeperOptions options)
        : authenticator_(authenticator), options_(options), cap_(std::make_shared<AnonymousCap>(options.anonymous_per_address)) {}

    // For engineio::ServerOptions::admit; identities are Credentials. Refuses: 400 an upgrade whose cookie names another user than the session has;
    // 429 one nobody too many from an address; 503 while storage cannot say who it is.
    Task<engineio::Admission> admit(engineio::HandshakeRequest request, std::shared_ptr<const void> current);

private:
    Task<Result<std::optional<auth::Identity>>> identify(const engineio::HandshakeRequest* request);

    auth::Authenticator& authenticator_;
    const GatekeeperOptions options_;
    std::shared_ptr<AnonymousCap> cap_;
};

}  // namespace parley::realtime
