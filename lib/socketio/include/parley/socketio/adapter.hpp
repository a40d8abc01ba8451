// Adapter: carries what is done to many sockets at once to all places where sockets are: the loops of this process, and other servers.
// Every such act is an Operation, a value that can be written down and sent away. A server without an Adapter of its own has a MemoryAdapter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "parley/engineio/session.hpp"
#include "parley/socketio/packet.hpp"
#include "parley/socketio/remote_socket.hpp"

namespace parley::socketio {

struct Operation {
    enum class Kind : std::uint8_t {
        Emit,
        EmitLatest,
        EmitWithAck,  // every socket that gets it answers
        Join,
        Leave,
        Disconnect,
        FetchSockets,    // every place describes its sockets
        ServerSideEmit,  // to the programs of the other servers, not to sockets
    };

    Kind kind = Kind::Emit;
    std::string nsp{kDefaultNamespace};
    // The sockets in any of `rooms` (every one if there are none) that are in none of `except`. A socket's id is a room with that socket alone.
    std::vector<std::string> rooms;
    std::vector<std::string> except;
    bool local = false;  // this server's sockets only

    EncodedPacket packet;  // Emit, EmitLatest
    // The packet's messages where they are ready already; of this process only, nothing to be sent away.
    std::vector<engineio::PreparedPacket> prepared;
    std::string event;                          // EmitLatest: what replaces what; EmitWithAck, ServerSideEmit
    Arguments arguments;                        // EmitWithAck, ServerSideEmit
    std::chrono::milliseconds timeout{10'000};  // EmitWithAck: then nobody waits for an answer any more
    bool is_volatile = false;                   // Emit: only to who can take it at once
    bool compress = true;                       // the emits
    std::string room;                           // Join, Leave
    bool close_transport = false;               // Disconnect: the transport too, not only the namespace's socket
};

// Where the answers to an Operation go. Any thread.
class AnswerSink {
public:
    virtual ~AnswerSink() = default;
    virtual void acknowledged(Arguments arguments) = 0;
    virtual void sockets(std::vector<RemoteSocket> sockets) = 0;
    // Once by every server: what it has to say at once is said, and so many acknowledgements may still come from it. A client that leaves before it has
    // answered takes one of them back: `expected` negative.
    virtual void expects(std::ptrdiff_t acknowledgements) = 0;
    virtual void server_done() = 0;
};

// What an implementation promises:
// - publish() may be called from any thread, does not block and does not throw;
// - it hands each operation to this process exactly once, by calling `deliver` within publish(), so that what one thread does to one socket, through
//   the adapter and directly, happens in order; ServerSideEmit alone is not for this process;
// - unless the operation is local, it goes to every other server at most once, and operations published by one thread in order;
// - an operation from elsewhere is handed over by calling `deliver` on any one thread, never from two at a time for one origin;
// - where answers are wanted (`answers` is not null) they come from everybody who got it: servers() of them, each saying server_done() once, unless it
//   is lost. Nobody waits for ever: who asks has a time-out.
class Adapter {
public:
    // Applies an operation to the sockets of this process. Any thread.
    using Deliver = std::function<void(Operation operation, std::shared_ptr<AnswerSink> answers)>;

    virtual ~Adapter() = default;
    virtual void publish(Operation operation, std::shared_ptr<AnswerSink> answers) = 0;
    // How many servers there are, this one counted. Where it says 1, events for rooms that are empty here need not be made and may never be published
    // (Broadcast::may_reach_anybody): one that cannot know counts another.
    virtual std::size_t servers() const = 0;
};

using AdapterFactory = std::function<std::unique_ptr<Adapter>(Adapter::Deliver deliver)>;

// One process: everything is here.
class MemoryAdapter final : public Adapter {
public:
    explicit MemoryAdapter(Deliver deliver) : deliver_(std::move(deliver)) {}
    void publish(Operation operation, std::shared_ptr<AnswerSink> answers) override;
    std::size_t servers() const override { return 1; }

private:
    Deliver deliver_;
};

}  // namespace parley::socketio
