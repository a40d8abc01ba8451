// RecoveryLog: the events of one namespace in the order in which they were emitted, kept as long as a client may still come back for them. Sends
// nothing, and knows neither sockets nor sessions (RecoverySessions does).
//
// Each event has a position, one more than the one before. To a client it goes with an offset: the position as a short text that only this log
// understands. An offset means "seen is whatever was for this client up to here": positions are compared, no event is looked for, so that an offset stays
// good however old it is. `kept_for` is the longest time after which somebody may still ask for an event: the longest disconnection, and before it the
// time in which a dead connection is noticed (ping interval and time-out; whoever answers a ping has received everything sent before it).
//
// Cost: an event is its Delivery, about 80 bytes here and 8 for each of its rooms; a room that has events, about 100 bytes. missed() takes time linear in
// what happened in the given rooms since, however long the log is.
// Threading: none of its own; the lock under which events are published guards it. Times given must not go backwards.
// Invariants: (1) every link of an event leads to the next older one of that room, or to one that is gone; (2) a room is listed iff it has an event.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley::socketio {

struct Delivery;

using LogPosition = std::uint64_t;  // 0: before the first event

// A room that a client is in, or was in. What was emitted to it before the client came or after it left was not for the client, whatever offset it
// names.
struct RoomMembership {
    static constexpr LogPosition kStillIn = std::numeric_limits<LogPosition>::max();
    std::string room;
    LogPosition joined_at = 0;       // the last position before it joined
    LogPosition left_at = kStillIn;  // the last position before it left
    bool left() const { return left_at != kStillIn; }
    bool was_in(LogPosition position) const { return joined_at < position && position <= left_at; }
    friend bool operator==(const RoomMembership&, const RoomMembership&) = default;
};

class RecoveryLog {
public:
    using Clock = std::chrono::steady_clock;

    struct Limits {
        Clock::duration kept_for{};
        std::size_t max_bytes = 64 * 1024 * 1024;
    };
    struct Missed {
        LogPosition position;
        std::shared_ptr<const Delivery> delivery;
    };

    explicit RecoveryLog(Limits limits);
    RecoveryLog(const RecoveryLog&) = delete;
    RecoveryLog& operator=(const RecoveryLog&) = delete;

    // The next position, for an event to the sockets in any of `rooms` (everybody if there are none) that are in none of `except`. Both must live as long
    // as `delivery`, so they are best a part of it. `bytes`: what it keeps alive. If there is no room for it, it gets a position all the same.
    LogPosition append(std::shared_ptr<const Delivery> delivery, std::span<const std::string> rooms, std::span<const std::string> except,
                       std::size_t bytes, Clock::time_point now);

    // What was for a client that is or was in these rooms (its own id among them), after `after` and up to `up_to`, in order. nullopt: some of it may have been dropped
    // for lack of room.
    std::optional<std::vector<Missed>> missed(LogPosition after, std::span<const RoomMembership> rooms, LogPosition up_to,
                                              Clock::time_point now);

    // Forgets what nobody can ask for any more. append() and missed() do it too; this is for a log in which nothing happens.
    void prune(Clock::time_point now);
    // Nobody is left who could come back: forgets every event, and stays complete.
    void clear();

    std::string offset(LogPosition position) const;
    // nullopt: not an offset of this log, but another server's, a newer one than the last, or anything else.
    std::optional<LogPosition> find_position(std::string_view offset) const;

    LogPosition last() const { return last_; }
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::size_t rooms() const { return newest_.size(); }

private:
    struct Entry {
        std::shared_ptr<const Delivery> delivery;
        std::span<const std::string> rooms;
        std::span<const std::string> except;
        std::size_t bytes;
        Clock::time_point appended_at;
        std::uint64_t first_link;  // of as many as there are rooms, or one
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    LogPosition first() const { return last_ - entries_.size() + 1; }
    const Entry& entry(LogPosition position) const { return entries_[position - first()]; }
    LogPosition newest(std::string_view room) const;
    LogPosition older(LogPosition position, std::string_view room) const;
    void collect(std::vector<LogPosition>& out, LogPosition position, std::string_view room, LogPosition after, LogPosition up_to) const;
    void link(std::span<const std::string> rooms);
    void unlink_oldest();
    void drop_oldest();
    bool incomplete_after(LogPosition after, Clock::time_point now) const;

    const Limits limits_;
    const std::uint32_t epoch_;  // a restarted server counts from 1 again, and must not take its predecessor's offsets for its own

    LogPosition last_ = 0;
    std::deque<Entry> entries_;      // of the positions up to last_
    std::deque<LogPosition> links_;  // of the entries, one after the other
    std::uint64_t links_dropped_ = 0;
    std::unordered_map<std::string, LogPosition, Hash, std::equal_to<>> newest_;  // the chain of a room starts here
    LogPosition newest_for_everybody_ = 0;
    std::size_t bytes_ = 0;

    LogPosition incomplete_up_to_ = 0;    // events up to here were dropped early
    Clock::time_point incomplete_until_;  // until then somebody could have asked for them
};

}  // namespace parley::socketio
