// SocketHandle: a socket from afar. Ack: the answer to an event. Both are small values for any thread; neither may outlive the Server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "parley/socketio/arguments.hpp"
#include "parley/socketio/packet.hpp"

namespace parley::socketio {

class NamespaceCore;
class Shard;
class Socket;

// When the socket has gone it does nothing.
class SocketHandle {
public:
    SocketHandle() = default;

    // On the socket's loop within the call, from elsewhere by posting.
    void emit(std::string_view event, const Arguments& arguments = {}) const;
    void emit_json(std::string_view event, std::string_view arguments_json) const;
    void join(std::string room) const;
    void leave(std::string room) const;
    void disconnect(bool close = false) const;
    // Calls `function` with the socket, if it is still there, on its loop.
    void run(std::function<void(Socket&)> function) const;

    friend bool operator==(const SocketHandle&, const SocketHandle&) = default;

private:
    friend class Ack;
    friend class Shard;
    friend class Socket;
    void acknowledge(AckId id, const Arguments& arguments) const;

    std::shared_ptr<NamespaceCore> core_;
    Shard* shard_ = nullptr;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
};

// The answer to an event that asked for one. Any time; only the first call is sent. Empty: nobody waits for it.
class Ack {
public:
    using Give = std::move_only_function<void(const Arguments&)>;

    Ack() = default;
    Ack(SocketHandle socket, AckId id);
    explicit Ack(Give give);
    explicit operator bool() const { return state_ != nullptr; }
    void operator()(const Arguments& arguments = {}) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace parley::socketio
