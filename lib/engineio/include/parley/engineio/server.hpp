// Engine.IO 4 server (engine.io-protocol): answers the requests under one path, opens sessions over polling or WebSocket, moves them from the first
// to the second, and keeps them alive. What messages mean is the business of the SessionHandler that the program gives to each session.
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
#include "parley/engineio/session.hpp"
#include "parley/net/http_server.hpp"
#include "parley/net/origin.hpp"

namespace parley::engineio {

// What the admit hook sees of the HTTP request that opens or upgrades a session. A value: it may be kept across suspensions.
struct HandshakeRequest {
    net::RequestHead head;
    net::IpAddress address;  // the client's, behind trusted proxies
    bool secure = false;     // came by https
};

// The hook's answer. `identity` is the program's own data about who this is; it stays with the session (Session::identity()).
struct Admission {
    bool allowed = true;
    unsigned status = 403;  // if refused
    std::string message;    // if refused: "message" of the JSON answer
    std::shared_ptr<const void> identity;

    static Admission allow(std::shared_ptr<const void> identity = nullptr);
    static Admission refuse(unsigned status, std::string message);
};

struct ServerOptions {
    std::string path = "/socket.io/";  // begins and ends with a slash; served with and without the last one
    std::chrono::milliseconds ping_interval{25'000};
    std::chrono::milliseconds ping_timeout{20'000};     // from the ping to its pong; then the session is closed
    std::chrono::milliseconds upgrade_timeout{10'000};  // from the upgrade request to packet `5`; then that WebSocket is closed
    std::size_t max_payload = 1'000'000;                // bytes of one polling body or one WebSocket message
    std::size_t max_queued_bytes = 1024 * 1024;         // per session, after the first packet; beyond it the session is closed as too slow
    bool allow_polling = true;
    bool allow_websocket = true;
    bool allow_upgrades = true;
    net::OriginPolicy origins{};                             // answered to with CORS fields; others may neither post nor open WebSockets
    std::string origins_setting = "ServerOptions::origins";  // how people name that list: part of the log line about a refused origin
    bool cors_credentials = true;
    net::TrustedProxies proxies{};
    std::uint16_t node = 0;  // part of every session id

    // Asked before a session opens (`current` null) and before a WebSocket upgrade of an existing one (`current`: its identity). At an upgrade an
    // allowed Admission's identity replaces the session's when the upgrade completes. Runs on the loop that got the request. Absent: all allowed.
    std::function<Task<Admission>(HandshakeRequest request, std::shared_ptr<const void> current)> admit{};
};

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
