// Hub: everything of a Socket.IO server but its transport: its namespaces, the parents that make more of them, the adapter between servers.
// Threading: any thread, but for the registering before the loops start, and open(), which is called on the session's loop.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <regex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gathering.hpp"
#include "handlers.hpp"
#include "namespace_core.hpp"
#include "parley/async/loop.hpp"
#include "parley/async/timer.hpp"
#include "parley/socketio/server.hpp"

namespace parley::socketio {

class Client;
class Hub;

// The same for all clients of a server.
struct HubOptions {
    std::chrono::milliseconds connect_timeout{45'000};
    Parser parser{ParserKind::Json};
    RecoveryOptions recovery{};
    std::chrono::milliseconds loss_noticed_after{45'000};  // ping interval and time-out
    bool cleanup_empty_child_namespaces = false;
    std::size_t max_namespaces_per_client = 10'000;
    std::size_t max_missed_bytes = 512 * 1024;  // of the events that a client gets when it comes back
};

// What a hub has on each loop.
struct LoopState {
    explicit LoopState(Hub& of) : hub(of) {}

    Hub& hub;
    RelaxedCounter connected;
    RelaxedCounter disconnected;
    RelaxedCounter recovered;
    RelaxedCounter packets_in;
    RelaxedCounter packets_out;
    RoomFilter rooms;  // of all namespaces, and the sockets' ids
    // The loop's.
    std::uint32_t channels = 0;  // given out
    Gathering::Kept gatherings;
};

class Hub {
public:
    using Allows = std::function<bool(std::string_view name, const Value& auth)>;

    Hub(LoopGroup& loops, HubOptions options, const AdapterFactory& adapter);
    ~Hub();

    const HubOptions& options() const { return options_; }
    // Expires with the hub: for what may be kept for longer.
    std::weak_ptr<const void> alive() const { return alive_; }
    const Parser& parser() const { return options_.parser; }
    LoopGroup& loops() const { return loops_; }
    Adapter& adapter() const { return *adapter_; }
    LoopState& state(const Loop& loop) { return *states_[loop.index()]; }
    Gathering::Kept& gatherings(const Loop& loop) { return state(loop).gatherings; }
    std::uint32_t next_channel(const Loop& loop) { return state(loop).channels++; }

    std::unique_ptr<engineio::SessionHandler> open(engineio::Session& session);

    // Before the loops start.
    NamespaceCore& of(const std::string& name);
    NamespaceHandlers& add_parent(Allows allows);
    void on_new_namespace(std::function<void(Namespace)> handler);
    NamespaceCore& default_namespace() { return *default_; }

    // The namespace of that name, made if a parent allows it; nullptr: there is none. Whoever gets one says leave() in the end.
    std::shared_ptr<NamespaceCore> enter(std::string_view name, const Value& auth);
    void leave(NamespaceCore& core);

    // Of the adapter.
    void deliver(Operation&& operation, std::shared_ptr<AnswerSink> answers);

    std::uint64_t sockets() const;
    std::uint64_t namespaces() const;
    std::uint64_t sum(RelaxedCounter LoopState::* counter) const;

private:
    struct Parent {
        Allows allows;
        std::shared_ptr<NamespaceHandlers> handlers;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Registry = std::unordered_map<std::string, std::shared_ptr<NamespaceCore>, Hash, std::equal_to<>>;

    std::shared_ptr<NamespaceCore> find(std::string_view name) const;
    std::shared_ptr<NamespaceCore> find_and_count(std::string_view name);
    std::shared_ptr<NamespaceCore> make_child(std::string_view name, const Parent& parent);
    bool is_abandoned(const NamespaceCore& core) const;
    void deliver_to_programs(const Operation& operation, const std::shared_ptr<AnswerSink>& answers);
    void on_sweep();

    std::shared_ptr<const void> alive_ = std::make_shared<char>();
    LoopGroup& loops_;
    const HubOptions options_;
    std::vector<std::unique_ptr<LoopState>> states_;  // by loop
    std::vector<Parent> parents_;
    std::vector<std::function<void(Namespace)>> new_namespace_handlers_;

    std::mutex making_;  // one child at a time, so that its handlers are set up once
    mutable std::shared_mutex registry_mutex_;
    Registry registry_;  // guarded by registry_mutex_
    NamespaceCore* default_ = nullptr;
    std::unique_ptr<Adapter> adapter_;
    Timer sweep_timer_{Timer::call<Hub, &Hub::on_sweep>, this};  // of the first loop; armed where something can be recovered
};

}  // namespace parley::socketio
