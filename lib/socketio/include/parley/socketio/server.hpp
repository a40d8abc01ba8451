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

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "parley/async/loop.hpp"
#include "parley/engineio/server.hpp"
#include "parley/net/http_server.hpp"
#include "parley/socketio/adapter.hpp"
#include "parley/socketio/broadcast.hpp"
#include "parley/socketio/socket.hpp"

namespace parley::socketio {

using engineio::Admission;
using engineio::HandshakeRequest;

// The transport's options, among them path, ping_interval, origins and admit, and those of this layer.
struct ServerOptions : engineio::ServerOptions {
    // A session that is in no namespace for so long is closed; from its opening, or from when it left the last one.
    std::chrono::milliseconds connect_timeout{45'000};
    PacketLimits packets;
    AdapterFactory adapter;  // absent: MemoryAdapter
};

class Server {
public:
    explicit Server(LoopGroup& loops, ServerOptions options = {});
    ~Server();  // precondition: the loops have stopped or never ran
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Before the loops start. The CONNECT answer has been sent when it runs.
    void on_connection(std::function<void(Socket&)> handler);
    // For every socket alike, so that none of them carries a closure. Before the loops start. Called before the socket's own handlers.
    void on(std::string event, std::function<void(Socket&, Arguments)> handler);
    void on(std::string event, std::function<void(Socket&, Arguments, Ack)> handler);
    void on_disconnect(std::function<void(Socket&, DisconnectReason)> handler);
    void on_upgrade(std::function<void(Socket&)> handler);

    bool serves(const net::RequestHead& head) const;  // the path, with or without the trailing slash
    std::size_t max_body_bytes(const net::RequestHead& head) const;
    void handle(net::HttpRequest request, net::Exchange exchange);  // on the exchange's loop
    // The answer to a request for this server that failed before handle(), a body of more than max_body_bytes() for one: for HttpHandler::error.
    net::HttpResponse error(unsigned status, const net::RequestHead& head) const;

    Broadcast to(std::string room);
    Broadcast in(std::string room) { return to(std::move(room)); }
    Broadcast except(std::string room);
    Broadcast everybody();

    // Any thread. Calls `function` with every socket of this server that is in the room, on the socket's loop; on the calling thread's own loop within
    // the call. What it holds must outlive the loops.
    void each_in(const std::string& room, const std::function<void(Socket&)>& function);

    // Any thread. Closes every session's transport (WebSocket 1001, Engine.IO `1` on polling) without a DISCONNECT packet, refuses new ones with 503;
    // `done` runs once, on an unspecified loop, when none is left or after `timeout`.
    void close(std::chrono::milliseconds timeout, std::function<void()> done);

    struct Counters {
        std::uint64_t sessions = 0;  // open now, in a namespace or not
        std::uint64_t sockets = 0;   // connected now
        std::uint64_t packets_in = 0;
        std::uint64_t packets_out = 0;
        std::uint64_t closed_too_slow = 0;
        engineio::Counters transport;
    };
    Counters counters() const;  // any thread, for metrics; a moment old

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace parley::socketio
