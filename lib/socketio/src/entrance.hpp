// Entrance: a socket on its way into a namespace: past the middleware, or back into the session that its client had lost. Then it is the Client's.
// Threading: the client's loop; Next comes from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "namespace_core.hpp"
#include "parley/socketio/middleware.hpp"
#include "parley/socketio/socket.hpp"
#include "recovery_sessions.hpp"

namespace parley::socketio {

class Client;

// What a CONNECT packet asks for.
struct ConnectRequest {
    bool wants_recovery = false;
    std::string pid;     // "": a new session
    std::string offset;  // "": it has seen no event
};
ConnectRequest read_connect(const Value& auth);

struct Entrance : std::enable_shared_from_this<Entrance> {
    Entrance(Client& client, std::shared_ptr<NamespaceCore> core, Value auth);

    void start();
    // The client has left.
    void abandon();
    // The server ends, and everything here but the entrance itself, which a Next may keep.
    void forsake();
    const std::string& nsp() const { return core->name(); }

    // The next middleware's turn; after the last one the socket is in.
    void proceed();
    void refuse(const ConnectError& error);

    Client* client;  // nullptr: it has left, or the entrance is over
    const std::shared_ptr<NamespaceCore> core;
    Shard& shard;
    std::unique_ptr<Socket> socket;

private:
    void find_session();
    void end_old_socket(SocketPlace place);
    bool restore(RecoverySession session);
    std::optional<std::vector<RecoveryLog::Missed>> find_missed(const RecoverySession& session) const;
    void make_new();
    void join_anew();
    void enter();

    ConnectRequest request_;
    std::unique_ptr<RecoverySession> lost_;  // nullptr: none to go back to
    std::size_t next_middleware_ = 0;
    int searches_ = 0;
};

}  // namespace parley::socketio
