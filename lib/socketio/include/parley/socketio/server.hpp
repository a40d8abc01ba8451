// A Socket.IO server (protocol 5 over Engine.IO 4; socket.io-protocol, engine.io-protocol), for clients of socket.io-client 3 and 4; with allow_eio3 for
// those of 2 as well.
//
//     parley::socketio::Server io(loops);
//     io.on_connection([](Socket& socket) {
//         socket.on("hello", [&socket](Arguments arguments) { socket.emit("hello", arguments[0]); });
//     });
//     http handler: if (io.serves(head)) io.handle(std::move(request), std::move(exchange));
//
// standalone.hpp has the loops and the HTTP server around it for programs that need no others.
//
// Threading: a session and its sockets live on one loop, named by the session id; requests that arrive on another loop travel there. Handlers run
// on their socket's loop. Socket& is confined to that loop. Server's emitting functions and SocketHandle may be used from any thread, and what one
// thread emits to one socket arrives in the order emitted.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <regex>
#include <string>

#include "parley/async/loop.hpp"
#include "parley/engineio/server.hpp"
#include "parley/net/http_server.hpp"
#include "parley/socketio/adapter.hpp"
#include "parley/socketio/broadcast.hpp"
#include "parley/socketio/namespace.hpp"
#include "parley/socketio/parser.hpp"
#include "parley/socketio/recovery.hpp"
#include "parley/socketio/socket.hpp"

namespace parley::socketio {

using engineio::Admission;
using engineio::HandshakeRequest;

// The transport's options, among them path, ping_interval, origins and admit, and those of this layer.
struct ServerOptions : engineio::ServerOptions {
    // A session that is in no namespace for so long is closed; from its opening, or from when it left the last one.
    std::chrono::milliseconds connect_timeout{45'000};
    PacketLimits packets;
    // Of one session, connected or waiting for a middleware. Each costs about as much as a session; a packet's way to its namespace grows with them.
    std::size_t max_namespaces_per_client = 10'000;
    ParserKind parser = ParserKind::Json;  // clients must use the same
    RecoveryOptions recovery;
    // A namespace that a pattern has made is forgotten when its last socket has left. Without it they stay, a few KiB each: switch it on where clients
    // may choose among many names.
    bool cleanup_empty_child_namespaces = false;
    // A folder with the client's bundles (socket.io.js, socket.io.min.js, …), served under `path`; "": they are not served.
    std::string client_bundle_folder;
    AdapterFactory adapter;  // absent: MemoryAdapter
};

// Namespaces that come into being when a client asks for one whose name fits. Before the loops start.
class ParentNamespace : public NamespaceSetup {
public:
    using NamespaceSetup::NamespaceSetup;
};

class Server {
public:
    // Throws std::invalid_argument where the options contradict each other, or the client's bundles cannot be read.
    explicit Server(LoopGroup& loops, ServerOptions options = {});
    ~Server();  // precondition: the loops have stopped or never ran
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Namespaces other than the default one. A static one is made when it is first named here; before the loops start.
    Namespace of(std::string name);
    // Children get the parent's handlers; the first parent that fits counts. `allows` is called on the client's loop and must not block.
    ParentNamespace of(std::regex pattern);
    ParentNamespace of(std::function<bool(std::string_view name, const Value& auth)> allows);
    // When a pattern has made a namespace, before its first socket connects: it may still be given handlers of its own.
    void on_new_namespace(std::function<void(Namespace)> handler);

    // The default namespace's; see NamespaceSetup.
    void use(Middleware middleware);
    void on_connection(std::function<void(Socket&)> handler);
    void on(std::string event, std::function<void(Socket&, Arguments)> handler);
    void on(std::string event, std::function<void(Socket&, Arguments, Ack)> handler);
    void on_disconnecting(std::function<void(Socket&, DisconnectReason)> handler);
    void on_disconnect(std::function<void(Socket&, DisconnectReason)> handler);
    void on_upgrade(std::function<void(Socket&)> handler);
    void on_server_side(std::string event, std::function<void(Arguments, Ack)> handler);

    bool serves(const net::RequestHead& head) const;  // the path, with or without the trailing slash, and the client's bundles
    std::size_t max_body_bytes(const net::RequestHead& head) const;
    void handle(net::HttpRequest request, net::Exchange exchange);  // on the exchange's loop
    // The answer to a request for this server that failed before handle(), a body of more than max_body_bytes() for one: for HttpHandler::error.
    net::HttpResponse error(unsigned status, const net::RequestHead& head) const;

    Broadcast to(std::string room);
    Broadcast in(std::string room) { return to(std::move(room)); }
    Broadcast except(std::string room);
    Broadcast everybody();
    Broadcast local();
    Broadcast volatile_();
    void emit(std::string_view event, const Arguments& arguments = {});
    PreparedEvent prepare(std::string_view event, const Arguments& arguments = {});
    void server_side_emit(std::string event, Arguments arguments = {});
    void server_side_emit(std::string event, Arguments arguments, std::chrono::milliseconds timeout, std::function<void(Responses)> done);

    // Any thread. Calls `function` with every socket of this server that is in the room, on the socket's loop; on the calling thread's own loop within
    // the call. What it holds must outlive the loops.
    void each_in(const std::string& room, const std::function<void(Socket&)>& function);

    // Any thread. Closes every session's transport (WebSocket 1001, Engine.IO `1` on polling) without a DISCONNECT packet, refuses new ones with 503;
    // `done` runs once, on an unspecified loop, when none is left or after `timeout`.
    void close(std::chrono::milliseconds timeout, std::function<void()> done);

    struct Counters {
        std::uint64_t sessions = 0;    // open now, in a namespace or not
        std::uint64_t sockets = 0;     // connected now, of all namespaces
        std::uint64_t namespaces = 0;  // now
        std::uint64_t packets_in = 0;
        std::uint64_t packets_out = 0;
        std::uint64_t recovered = 0;  // sockets that came back with their state
        std::uint64_t closed_too_slow = 0;
        engineio::Counters transport;
    };
    Counters counters() const;  // any thread, for metrics; a moment old

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace parley::socketio
