// Engine.IO server (engine.io-protocol, version 4; version 3 for old clients if allowed): answers the requests under one path, opens sessions over
// polling or WebSocket, moves them from the first to the second, and keeps them alive. What messages mean is the business of the SessionHandler that
// the program gives to each session.
//
// Threading: a session lives on one loop, which its id names: the one that accepted its first request. handle() is called on the exchange's loop
// (any); what arrives elsewhere travels as values, an upgrade as a DetachedConnection. close() and counters(): any thread.
// Ownership: the Server outlives its sessions and is destroyed after the loops have stopped.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "parley/async/loop.hpp"
#include "parley/engineio/options.hpp"
#include "parley/engineio/session.hpp"
#include "parley/net/http_server.hpp"

namespace parley::engineio {

struct Counters {
    std::uint64_t sessions_open = 0;
    std::uint64_t sessions_on_websocket = 0;  // of those open
    std::uint64_t sessions_opened = 0;
    std::uint64_t sessions_moved = 0;  // polling to WebSocket
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t closed_too_slow = 0;
    std::uint64_t closed_ping_timeout = 0;
    std::uint64_t origins_refused = 0;
};

class Server {
public:
    // Called on the session's loop when it has opened; the session is valid as long as the handler. It may already send; not null.
    using SessionFactory = std::function<std::unique_ptr<SessionHandler>(Session&)>;

    Server(LoopGroup& loops, ServerOptions options, SessionFactory on_session);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    bool serves(const net::RequestHead& head) const;
    std::size_t max_body_bytes(const net::RequestHead& head) const;
    void handle(net::HttpRequest request, net::Exchange exchange);

    // Any thread. Runs `function` on the loop of that session, in a later turn, if the session is still open then.
    void with_session(std::string_view sid, std::move_only_function<void(Session&)> function);

    // The answer for what never becomes a request (HttpHandler::error) where serves() is true.
    net::HttpResponse error(unsigned status, const net::RequestHead& head) const;

    // Any thread, once. Closes every session as ServerShutdown (WebSocket 1001, packet `1` on polling); from here on new ones are refused with 503. `done`
    // runs once, on an unspecified loop, when none is left or after `timeout`; what is still open then is cut.
    void close(std::chrono::milliseconds timeout, std::function<void()> done);

    const ServerOptions& options() const;
    Counters counters() const;  // any thread; a moment old

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace parley::engineio
