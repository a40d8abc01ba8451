// Adapter: carries what is done to many sockets at once to all places where sockets are: the loops of this process, later other servers too.
// Every such act is an Operation, a value that can be written down and sent away. A server without an Adapter of its own has a MemoryAdapter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "parley/socketio/packet.hpp"

namespace parley::socketio {

struct Operation {
    enum class Kind : std::uint8_t { Emit, EmitLatest, Join, Leave, Disconnect };

    Kind kind = Kind::Emit;
    std::string nsp{kDefaultNamespace};
    // The sockets in any of `rooms` (every one if there are none) that are in none of `except`. A socket's id is a room with that socket alone.
    std::vector<std::string> rooms;
    std::vector<std::string> except;

    EncodedPacket packet;          // Emit, EmitLatest
    std::string event;             // EmitLatest: what replaces what
    std::string room;              // Join, Leave
    bool close_transport = false;  // Disconnect: the transport too, not only the namespace's socket
};

// What an implementation promises:
// - publish() may be called from any thread, does not block and does not throw;
// - it hands each operation to this process exactly once, by calling `deliver` within publish(), so that what one thread does to one socket, through
//   the adapter and directly, happens in order;
// - to other processes each operation goes at most once, and operations published by one thread in order;
// - an operation from elsewhere is handed over by calling `deliver` on any one thread, never from two at a time for one origin.
class Adapter {
public:
    // Applies an operation to the sockets of this process. Any thread.
    using Deliver = std::function<void(Operation operation)>;

    virtual ~Adapter() = default;
    virtual void publish(Operation operation) = 0;
};

using AdapterFactory = std::function<std::unique_ptr<Adapter>(Adapter::Deliver deliver)>;

// One process: everything is here.
class MemoryAdapter final : public Adapter {
public:
    explicit MemoryAdapter(Deliver deliver) : deliver_(std::move(deliver)) {}
    void publish(Operation operation) override { deliver_(std::move(operation)); }

private:
    Deliver deliver_;
};

}  // namespace parley::socketio
