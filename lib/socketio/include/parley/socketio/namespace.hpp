// Namespace: one of the channels that share a client's connection, with its own handlers, middleware, sockets and rooms. A cheap value.
//
//     Namespace admin = io.of("/admin");
//     admin.use(must_be_admin);
//     admin.on_connection([](Socket& socket) { ... });
//
// Threading: the registering functions before the loops start, or, for a namespace that a pattern has made, in the on_new_namespace handler only.
// Everything else from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parley/socketio/broadcast.hpp"
#include "parley/socketio/disconnect_reason.hpp"
#include "parley/socketio/middleware.hpp"
#include "parley/socketio/socket.hpp"

namespace parley::socketio {

struct NamespaceHandlers;

// What a namespace, or all that a pattern will make, does with its sockets.
class NamespaceSetup {
public:
    explicit NamespaceSetup(NamespaceHandlers& handlers) : handlers_(&handlers) {}

    // Before a connection is accepted; see middleware.hpp.
    void use(Middleware middleware);
    // The CONNECT answer has been sent when it runs.
    void on_connection(std::function<void(Socket&)> handler);
    // For every socket alike, so that none of them carries a closure. Called before the socket's own handlers.
    void on(std::string event, std::function<void(Socket&, Arguments)> handler);
    void on(std::string event, std::function<void(Socket&, Arguments, Ack)> handler);
    void on_disconnecting(std::function<void(Socket&, DisconnectReason)> handler);
    void on_disconnect(std::function<void(Socket&, DisconnectReason)> handler);
    void on_upgrade(std::function<void(Socket&)> handler);
    // What another server's server_side_emit() sends. On an unspecified loop. The Ack is empty if no answer is wanted.
    void on_server_side(std::string event, std::function<void(Arguments, Ack)> handler);

protected:
    NamespaceHandlers& handlers() { return *handlers_; }

private:
    NamespaceHandlers* handlers_;
};

class Namespace : public NamespaceSetup {
public:
    Namespace(std::shared_ptr<NamespaceCore> core, NamespaceHandlers& handlers);

    const std::string& name() const;

    Broadcast to(std::string room) const;
    Broadcast in(std::string room) const { return to(std::move(room)); }
    Broadcast except(std::string room) const;
    Broadcast everybody() const;
    Broadcast local() const;
    Broadcast volatile_() const;
    void emit(std::string_view event, const Arguments& arguments = {}) const;
    PreparedEvent prepare(std::string_view event, const Arguments& arguments = {}) const;

    // To the programs of the other servers that share the adapter, not to clients, and not to this one. With `done`: their answers; complete is false if
    // one did not answer within `timeout`.
    void server_side_emit(std::string event, Arguments arguments = {}) const;
    void server_side_emit(std::string event, Arguments arguments, std::chrono::milliseconds timeout,
                          std::function<void(Responses)> done) const;

    // Calls `function` with every socket of this server that is in the room ("": every socket at all), on the socket's loop; on the calling thread's own
    // loop within the call. What it holds must outlive the loops.
    void each_in(const std::string& room, const std::function<void(Socket&)>& function) const;
    std::uint64_t sockets() const;  // connected to this server now

private:
    std::shared_ptr<NamespaceCore> core_;
};

}  // namespace parley::socketio
