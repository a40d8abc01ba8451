// Api: the REST side: from an HTTP request under /api (or /health) to its answer. Routes, guards and controllers; the rules are the chat's, the words and
// shapes are the dialect's. Every answer is JSON.
// The way of a request: origin check → route → who is it → controller. Rate limits stand in the controllers, where it is known whose they are.
// Threading: any loop; a request is handled on the loop it came in on. Ownership: outlives every request; its parts outlive it.
#pragma once

#include <memory>
#include <string_view>

#include "api/api_options.hpp"
#include "auth/authenticator.hpp"
#include "chat/accounts.hpp"
#include "chat/conversation_store.hpp"
#include "chat/messaging.hpp"
#include "chat/session_store.hpp"
#include "chat/user_store.hpp"
#include "dialect/dialect.hpp"
#include "parley/net/http_server.hpp"

namespace parley::api {

// What the API is made on; borrowed.
struct ApiParts {
    chat::Accounts& accounts;
    chat::UserStore& users;
    chat::Messaging& messaging;
    chat::MessageStore& messages;  // for its cursors alone
    chat::ConversationStore& conversations;
    chat::SessionStore& sessions;
    auth::Authenticator& authenticator;
    const dialect::Dialect& dialect;
};

class Api {
public:
    Api(ApiParts parts, ApiOptions options);
    ~Api();

    // True for /api and below in any letter case, and for /health/live and /health/ready. The rest is somebody else's.
    bool serves(const net::RequestHead& head) const;

    std::size_t max_body_bytes(const net::RequestHead& head) const;

    // Never fails: what goes wrong becomes an answer.
    Task<net::HttpResponse> handle(net::HttpRequest request);
    // The same; what has to wait does so as a coroutine of its own on the calling loop.
    void handle(net::HttpRequest request, net::Exchange exchange);

    // {"error": reason}: for what never became a request (431, 408, …).
    net::HttpResponse error(unsigned status, std::string_view reason) const;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace parley::api
