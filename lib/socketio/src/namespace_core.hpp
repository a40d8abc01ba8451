// NamespaceCore: one namespace of one server: its name, its handlers, its shards, and the door by which everything reaches them.
//
// What is done to the sockets of a loop from outside of it goes through that loop's inbox, in one order for all inboxes: whatever two loops both get, they
// get in the same order. Recovery rests on this: an event's place in the log is its place in every inbox.
// Threading: any thread, where nothing else is said. Ownership: the Hub's; sockets, handles and broadcasts share it where a pattern has made it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "handlers.hpp"
#include "parley/async/loop.hpp"
#include "parley/socketio/adapter.hpp"
#include "shard.hpp"

namespace parley::socketio {

class Hub;
class Recovery;

class NamespaceCore : public std::enable_shared_from_this<NamespaceCore> {
public:
    enum class Origin : std::uint8_t { Static, Child };
    NamespaceCore(Hub& hub, std::string name, std::shared_ptr<NamespaceHandlers> handlers, Origin origin);
    ~NamespaceCore();

    const std::string& name() const { return name_; }
    Hub& hub() const { return hub_; }
    bool is_child() const { return origin_ == Origin::Child; }
    const NamespaceHandlers& handlers() const { return *handlers_; }
    // Its own: not its parent's any more. Before it has sockets.
    NamespaceHandlers& own_handlers();
    Shard& shard(std::size_t loop) { return *shards_[loop]; }

    // A pointer to keep. For a static namespace, which lives as long as its server, it costs nothing.
    std::shared_ptr<NamespaceCore> pointer();

    // To the sockets of this process: on the calling loop within the call, on others by posting.
    void deliver(Operation&& operation, std::shared_ptr<AnswerSink> answers);
    // To a socket of the calling loop, as its turn comes.
    void deliver_here(Shard& shard, std::shared_ptr<Delivery> delivery);
    // Runs on that shard's loop, in order with what is delivered.
    void post(Shard& shard, Loop::Function function);
    // False: certainly no socket of this process is in any of the rooms ("no room": everybody), and none may come back to them.
    bool is_anybody_in(const std::vector<std::string>& rooms);
    void each_in(const std::string& room, const std::function<void(Socket&)>& function);

    AckId next_ack_id() { return next_ack_id_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t sockets() const;

    // nullptr: recovery is off.
    Recovery* recovery() const { return recovery_.get(); }
    void sweep_recovery();
    // The server ends.
    void drop_inboxes();
    // On the shard's loop, not within an emit: everything that was ordered before has been applied when `function` runs, under the lock that orders.
    void in_order(Shard& shard, const std::function<void()>& function);

private:
    friend class Hub;
    friend class Shard;

    void publish(std::shared_ptr<Delivery> delivery);
    static bool passes_by(const Shard& shard, const Delivery& delivery);
    void wake(Shard& shard);
    bool is_ours(const Loop& loop) const;

    Hub& hub_;
    const std::string name_;
    std::shared_ptr<NamespaceHandlers> handlers_;
    const Origin origin_;
    std::vector<std::unique_ptr<Shard>> shards_;  // by loop
    std::unique_ptr<Recovery> recovery_;
    std::atomic<AckId> next_ack_id_ = 0;
    std::mutex order_;  // guards the shards' inboxes, and the order of the log

    std::size_t clients_ = 0;  // guarded by the hub's mutex: connected, or on their way
};

}  // namespace parley::socketio
