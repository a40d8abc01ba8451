// A Socket.IO server (protocol 5 over Engine.IO 4; socket.io-protocol, engine.io-protocol), for clients of socket.io-client 3 and 4.
//
//     parley::socketio::Server io(loops);
//     io.on_connection([](Socket& socket) {
//         socket.on("hello", [&socket](Arguments arguments) { socket.emit("hello", arguments[0]); });
//     });
//     http handler: if (io.serves(head)) io.handle(std::move(request), std::move(exchange));
//
// Threading: a session and its sockets live on one loop, named by the session id; requests that arrive on another loop travel there. Handlers run
// on their socket's loop. Socket& is confined to that loop. Server's emitting functions and SocketHandle may be used from any thread, and what one
// thread emits to one socket arrives in the order emitted.
#pragma once

#include <any>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parley/async/loop.hpp"
#include "parley/net/http_server.hpp"
#include "parley/net/origin.hpp"
#include "parley/socketio/disconnect_reason.hpp"
#include "parley/socketio/value.hpp"

namespace parley::socketio {

class Socket;
class Server;

// What a hook sees of the HTTP request that opens or upgrades a session.
struct HandshakeRequest {
    const net::RequestHead& head;
    Address address;                      // the client's, behind trusted proxies
    bool secure;
};

// A hook's answer. `identity` is the program's own data about who this is; it stays with the session and is seen as Socket::identity().
struct Admission {
    bool allowed = true;
    unsigned status = 403;                // if refused
    std::string message;                  // if refused: the JSON error's text
    std::shared_ptr<const void> identity;

    static Admission allow(std::shared_ptr<const void> identity = nullptr);
    static Admission refuse(unsigned status, std::string message);
};

struct ServerOptions {
    std::string path = "/socket.io/";
    std::chrono::milliseconds ping_interval{25'000};
    std::chrono::milliseconds ping_timeout{20'000};
    std::chrono::milliseconds upgrade_timeout{10'000};   // from the upgrade request to packet `5`
    std::chrono::milliseconds connect_timeout{45'000};   // from the Engine.IO handshake to the first CONNECT
    std::size_t max_payload = 1'000'000;                 // bytes of one polling body or one WebSocket message
    std::size_t max_queued_bytes = 1024 * 1024;          // per session beyond the first packet; beyond it the transport is closed as too slow
    bool allow_polling = true;
    bool allow_websocket = true;
    bool allow_upgrades = true;
    net::OriginPolicy origins;                           // CORS answers for polling
    bool cors_credentials = true;
    net::TrustedProxies proxies;
    std::uint16_t node = 0;                              // part of every session id

    // Asked before a session opens (`current` null) and before a WebSocket upgrade of an existing one (`current`: its identity). At an upgrade an
    // allowed Admission's identity replaces the session's when the upgrade completes. Runs on the loop that got the request. Absent: all allowed.
    std::function<Task<Admission>(HandshakeRequest request, std::shared_ptr<const void> current)> admit;
};

// Who an emit goes to: the sockets in any of `rooms` (everybody if empty) that are in none of `except`. A value; any thread.
class Broadcast {
public:
    Broadcast& to(std::string room);
    Broadcast& in(std::string room) { return to(std::move(room)); }
    Broadcast& except(std::string room);

    // Encoded once, posted once to each loop.
    void emit(std::string_view event, Arguments arguments) const;
    // One event whose arguments are JSON already, without the enclosing brackets: `emit_json("newMessage", R"({"text":"hi"})")`.
    void emit_json(std::string_view event, std::string_view arguments_json) const;
    // For state of which only the newest matters: at most one waits per socket and event; a newer replaces one that is not yet being written, counts
    // against no queue limit, and is never overtaken by an older one.
    void emit_latest_json(std::string_view event, std::string_view arguments_json) const;

    // `close`: the transport too, else only this namespace's socket (a DISCONNECT packet).
    void disconnect_sockets(bool close = false) const;
    void sockets_join(std::string room) const;
    void sockets_leave(std::string room) const;
};

class Socket {
public:
    const std::string& id() const;
    Loop& loop() const;

    // The request that opened the session, as far as it is kept.
    const net::IpAddress& client_address() const;
    bool secure() const;
    std::string_view query(std::string_view name) const;     // of the first request, without the protocol's own parameters; "" if absent
    const Value& auth() const;                               // the CONNECT packet's payload; Null if it had none
    const std::shared_ptr<const void>& identity() const;     // of the last Admission
    std::any& data();                                        // the program's own

    bool connected() const;
    bool on_websocket() const;

    void on(std::string event, std::function<void(Arguments)> handler);
    void on_any(std::function<void(std::string_view event, const Arguments&)> handler);
    void on_disconnect(std::function<void(DisconnectReason)> handler);
    // The session has moved to WebSocket (packet `5` has come). identity() may have changed.
    void on_upgrade(std::function<void()> handler);

    void emit(std::string_view event, Arguments arguments);
    void emit_json(std::string_view event, std::string_view arguments_json);
    void emit_latest_json(std::string_view event, std::string_view arguments_json);

    void join(std::string room);
    void leave(std::string_view room);

    // A DISCONNECT packet (stock clients do not come back by themselves); with `close` the transport is closed after it.
    void disconnect(bool close = false);
    // Closes the transport without a DISCONNECT packet: stock clients reconnect.
    void close_transport(net::CloseCode code, std::string_view reason);
};

class Server {
public:
    explicit Server(LoopGroup& loops, ServerOptions options = {});
    ~Server();  // precondition: the loops have stopped

    // Before the loops start.
    void on_connection(std::function<void(Socket&)> handler);

    bool serves(const net::RequestHead& head) const;                      // the path, with or without the trailing slash
    std::size_t max_body_bytes(const net::RequestHead& head) const;
    void handle(net::HttpRequest request, net::Exchange exchange);        // on the exchange's loop

    Broadcast to(std::string room);
    Broadcast in(std::string room) { return to(std::move(room)); }
    Broadcast except(std::string room);
    Broadcast everybody();

    // Any thread. Closes every session's transport (WebSocket 1001, Engine.IO `1` on polling) without a DISCONNECT packet, refuses new ones with 503;
    // `done` runs once, on an unspecified loop, when none is left or after `timeout`.
    void close(std::chrono::milliseconds timeout, std::function<void()> done);

    struct Counters {
        std::uint64_t sessions = 0;
        std::uint64_t sockets = 0;
        std::uint64_t packets_in = 0;
        std::uint64_t packets_out = 0;
        std::uint64_t closed_too_slow = 0;
    };
    Counters counters() const;  // any thread, for metrics; a moment old
};

}  // namespace parley::socketio
