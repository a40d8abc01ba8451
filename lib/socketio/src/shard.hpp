// Shard: the sockets of one namespace on one loop: finds them by place, id and room, and does to them what a Delivery says.
// Threading: confined to its loop, but run() and the counters. The inbox is guarded by the namespace's order.
// Ownership: the sockets belong to their Clients, which add and remove them here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "delivery.hpp"
#include "handlers.hpp"
#include "parley/async/loop.hpp"
#include "parley/socketio/socket.hpp"
#include "recovery_sessions.hpp"
#include "room_index.hpp"

namespace parley::socketio {

class NamespaceCore;
struct LoopState;

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
    RelaxedCounter recovered;
};

class Shard {
public:
    // What waits to be done on the loop.
    using Entry = std::variant<std::shared_ptr<const Delivery>, Loop::Function>;

    Shard(Loop& loop, NamespaceCore& core);

    Loop& loop() const { return loop_; }
    NamespaceCore& core() const { return core_; }
    const std::string& nsp() const;
    const NamespaceHandlers& handlers() const;
    RoomIndex& rooms() { return rooms_; }
    ShardCounters& counters() { return counters_; }
    LoopState& state() const { return state_; }

    void add(Socket& socket);
    // Somebody looks at what goes out to it.
    void deliver_by_socket(const Socket& socket);
    // Out of all rooms too. Its place may be taken by another, with another generation.
    void remove(Socket& socket);
    // Destroys it at the end of the turn: it may be in the middle of a call.
    void retire(std::unique_ptr<Socket> socket);

    // nullptr: it has gone.
    Socket* find(std::uint32_t slot, std::uint32_t generation) const;
    Socket* find(const SocketHandle& handle) const { return find(handle.slot_, handle.generation_); }

    SocketPlace place_of(const Socket& socket) const;

    // Any thread. Calls `function` with the socket if it is still there: within the call if this is the loop's thread, else in its turn.
    void run(const SocketHandle& handle, std::function<void(Socket&)> function);

    // The last event of the log that its sockets have got.
    LogPosition applied() const { return applied_; }
    // Does what waits in the inbox, in order, also when it is called from within. But where events are logged nothing is begun within an emit: all
    // receivers get it before what comes next. What other threads add meanwhile waits for a turn of its own, so that the loop gets to write.
    void drain();
    // Calls `function` with nothing begun within it.
    void undisturbed(const std::function<void()>& function);
    // Within an emit, or what is like it.
    bool is_emitting() const { return emitting_; }
    // What waits is for nobody any more.
    void drop_inbox();
    // The function may do anything, to these sockets and others. "": all sockets.
    void each_in(const std::string& room, const std::function<void(Socket&)>& function);

    // Any thread, under the namespace's order. True: nobody here is in any of these rooms, and nothing waits that could change that.
    bool certainly_lacks(const std::vector<std::string>& rooms) const;

    // The session channel (Session::send_latest) of an event.
    std::uint32_t channel(std::string_view event);

private:
    friend class NamespaceCore;
    struct Slot {
        Socket* socket = nullptr;
        engineio::Session* direct = nullptr;  // where its events go, if there is nothing that the socket itself must do about them
        std::uint32_t generation = 0;
    };
    struct Target {
        std::uint32_t slot;
        std::uint32_t generation;
    };

    void give_back_memory();
    bool take_inbox();
    Entry take_next();
    void put(Entry entry);
    void carry_out(Entry entry);
    void apply(const Delivery& delivery);
    void collect(const Operation& operation, std::vector<Target>& targets) const;
    template <class F>
    void for_each_in(const std::string& room, F function) const;
    std::vector<std::uint32_t> slots_in(const std::vector<std::string>& rooms) const;
    const Slot* find_slot(Target target) const;
    void prefetch(std::span<const Target> ahead) const;
    void emit(std::span<const Target> targets, const Delivery& delivery);
    void apply_to(Socket& socket, const Delivery& delivery);
    void ask_each(const std::vector<Target>& targets, const Delivery& delivery);
    void describe_each(const std::vector<Target>& targets, const Delivery& delivery) const;

    Loop& loop_;
    NamespaceCore& core_;
    LoopState& state_;

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint32_t last_generation_ = 0;                               // 0 is nobody's, and of who is not connected yet
    std::unordered_map<std::string_view, std::uint32_t> slot_of_id_;  // keys are the sockets' own
    RoomIndex rooms_;                                                 // members are slots
    std::vector<Target> scratch_;
    std::unordered_map<std::string, std::uint32_t, NamespaceHandlers::Hash, std::equal_to<>> channels_;
    ShardCounters counters_;
    LogPosition applied_ = 0;
    std::vector<Entry> todo_;  // taken out of the inbox
    std::size_t done_ = 0;     // so many of it
    bool emitting_ = false;
    bool again_ = false;  // something came that had to wait for the end of an emit

    std::vector<Entry> inbox_;  // guarded by the namespace's order_
    // Entries of it, and of what is being done, that are no mere events: they may bring sockets into rooms. Grows under order_.
    std::atomic<std::size_t> changes_ = 0;
};

}  // namespace parley::socketio
