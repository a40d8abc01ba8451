// Shard: what the server keeps on one loop: the sessions that live there, and what has to wait for the end of the turn.
// Threading: loop-confined, but for the counters, which others may read.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "carrier.hpp"
#include "parley/engineio/server.hpp"

namespace parley::engineio {

class SessionImpl;
struct Opening;

// A number that one thread writes and others read.
class Tally {
public:
    void add(std::uint64_t count = 1) { value_.store(get() + count, std::memory_order_relaxed); }
    void subtract() { value_.store(get() - 1, std::memory_order_relaxed); }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

struct Tallies {
    Tally sessions_open, sessions_on_websocket, sessions_opened, sessions_moved, messages_in, messages_out, closed_too_slow,
        closed_ping_timeout, origins_refused;
};

class Shard {
public:
    Shard(Loop& loop, const ServerOptions& options, const Server::SessionFactory& factory, std::function<void()> on_empty);
    ~Shard();

    Loop& loop() const { return loop_; }
    const ServerOptions& options() const { return options_; }
    const Server::SessionFactory& factory() const { return factory_; }
    const net::WebSocketOptions& websocket_options() const { return websocket_options_; }
    Tallies& tallies() { return tallies_; }
    const Tallies& tallies() const { return tallies_; }

    // A session with a new id; the caller gives it its transport.
    SessionImpl& create(Opening opening);
    // A number for an upgrade, unlike the last ones.
    std::uint32_t next_ticket() { return ++last_ticket_; }
    // The session of that id, closed ones not yet destroyed included; null if there is none.
    SessionImpl* find(std::string_view sid) const;

    // At the end of the turn: session.flush(), and session.settle() (which may be the end of it).
    void flush_later(SessionImpl& session);
    void settle_later(SessionImpl& session);
    void erase(SessionImpl& session);

    // A WebSocket that no session wants any more is kept until it has closed.
    void retire(std::unique_ptr<Carrier> carrier);
    void forget(Carrier& carrier);

    // Closes every session; on_empty is called once, in a later step, when nothing is left (sessions and WebSockets).
    void shut_down();
    bool shutting_down() const { return shutting_down_; }
    // Cuts what is still open.
    void cut();

    // Room to put a packet together; its content is of no value after the next step.
    std::string& scratch() { return scratch_; }

private:
    void schedule();
    void end_turn();
    void report_if_empty();

    Loop& loop_;
    const ServerOptions& options_;
    const Server::SessionFactory& factory_;
    const net::WebSocketOptions websocket_options_;
    std::function<void()> on_empty_;

    Tallies tallies_;
    std::unordered_map<std::string_view, std::unique_ptr<SessionImpl>> sessions_;  // keys are the sessions' own ids
    std::unordered_map<Carrier*, std::unique_ptr<Carrier>> retired_;
    std::vector<SessionImpl*> to_flush_;
    std::vector<SessionImpl*> to_settle_;
    std::uint32_t last_ticket_ = 0;
    bool scheduled_ = false;
    bool shutting_down_ = false;
    std::string scratch_;
};

}  // namespace parley::engineio
