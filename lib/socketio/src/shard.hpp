// Shard: the sockets of one namespace on one loop: finds them by place, id and room, and does to them what an Operation says.
// Threading: confined to its loop, but run() and the counters.
// Ownership: the sockets belong to their Clients, which add and remove them here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "handlers.hpp"
#include "parley/async/loop.hpp"
#include "parley/engineio/session.hpp"
#include "parley/socketio/adapter.hpp"
#include "parley/socketio/socket.hpp"
#include "room_index.hpp"

namespace parley::socketio {

// An Operation on its way to the loops, its packet made ready for both transports once.
struct Delivery {
    explicit Delivery(Operation what);

    Operation operation;
    std::vector<engineio::PreparedPacket> packets;
};

// Written by one thread, read by any.
class RelaxedCounter {
public:
    void add(std::uint64_t count) { value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed); }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

struct ShardCounters {
    RelaxedCounter connected;
    RelaxedCounter disconnected;
    RelaxedCounter packets_in;
    RelaxedCounter packets_out;
};

class Shard {
public:
    Shard(Loop& loop, std::string nsp, const NamespaceHandlers& handlers, Adapter& adapter);

    Loop& loop() const { return loop_; }
    const std::string& nsp() const { return nsp_; }
    const NamespaceHandlers& handlers() const { return handlers_; }
    Adapter& adapter() const { return adapter_; }
    RoomIndex& rooms() { return rooms_; }
    ShardCounters& counters() { return counters_; }

    void add(Socket& socket);
    // Out of all rooms too. Its place may be taken by another, with another generation.
    void remove(Socket& socket);
    // Destroys it at the end of the turn: it may be in the middle of a call.
    void retire(std::unique_ptr<Socket> socket);

    // nullptr: it has gone.
    Socket* find(std::uint32_t slot, std::uint32_t generation) const;

    // Any thread. Calls `function` with the socket if it is still there: within the call if this is the loop's thread, else by posting.
    template <class F>
    void run(const SocketHandle& handle, F function) {
        auto task = [this, handle, function = std::move(function)]() mutable {
            if (Socket* socket = find(handle.slot_, handle.generation_)) function(*socket);
        };
        if (loop_.is_current()) {
            task();
        } else {
            loop_.post(std::move(task));
        }
    }

    void apply(const Delivery& delivery);
    // The function may do anything, to these sockets and others.
    void each_in(const std::string& room, const std::function<void(Socket&)>& function);

    // The session channel (Session::send_latest) of an event.
    std::uint32_t channel(std::string_view event);

private:
    struct Slot {
        Socket* socket = nullptr;
        std::uint32_t generation = 0;
    };
    struct Target {
        std::uint32_t slot;
        std::uint32_t generation;
    };

    void collect(const Operation& operation, std::vector<Target>& targets) const;
    void append_room(const std::string& room, std::vector<std::uint32_t>& slots) const;
    std::vector<std::uint32_t> slots_in(const std::vector<std::string>& rooms) const;
    void apply_to(Socket& socket, const Delivery& delivery);

    Loop& loop_;
    const std::string nsp_;
    const NamespaceHandlers& handlers_;
    Adapter& adapter_;

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::unordered_map<std::string_view, std::uint32_t> slot_of_id_;  // keys are the sockets' own
    RoomIndex rooms_;                                                 // members are slots
    std::vector<Target> scratch_;
    std::unordered_map<std::string, std::uint32_t, NamespaceHandlers::Hash, std::equal_to<>> channels_;
    ShardCounters counters_;
};

}  // namespace parley::socketio
