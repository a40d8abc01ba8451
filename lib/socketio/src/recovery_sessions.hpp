// RecoverySessions: what is kept of the sockets of one namespace that can be recovered, under private ids (pid) that only their clients know. A socket is
// connected, and then only its place is known here, or away, and then all of it is. Keeps no events (RecoveryLog does) and sends nothing.
//
// The life of a pid: connected() when a socket gets one, park() when its connection is lost, take() when its client comes back, then connected() again
// with the same pid; any number of times. put_back() when it has not come so far. forget() when the socket has ended for good.
// A client may come back before the server has noticed the loss: take() then tells where the old socket is, so that it can be ended there, which parks
// it, and taken again.
//
// Threading: any thread. What a session holds is never destroyed under the lock.
// Invariants: (1) sessions that are away are in the order of their loss, which is that of their expiry; (2) a pid is connected, away or unknown.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "parley/socketio/value.hpp"
#include "recovery_log.hpp"

namespace parley::socketio {

// Where a connected socket is.
struct SocketPlace {
    std::uint32_t loop = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    friend bool operator==(const SocketPlace&, const SocketPlace&) = default;
};

// A socket that is away.
struct RecoverySession {
    std::string pid;
    std::string sid;
    std::vector<RoomMembership> rooms;  // its own id among them
    Value data;
    // Where to go on for a client that has seen no event yet and so names no offset.
    LogPosition connected_at = 0;
    // Of a session that was taken: as long as it is held its client counts as known, so that what is emitted until it is connected() is not lost on it.
    std::shared_ptr<void> claim{};
};

class RecoverySessions {
public:
    using Clock = std::chrono::steady_clock;

    struct Limits {
        Clock::duration max_disconnection = std::chrono::minutes(2);
        // Of those that are away. When one is passed, those that have been away longest go; a session that alone exceeds it is not kept.
        std::size_t max_sessions = 100'000;
        std::size_t max_bytes = 64 * 1024 * 1024;  // as estimated
    };
    using Taken = std::variant<std::monostate, SocketPlace, RecoverySession>;

    explicit RecoverySessions(Limits limits) : limits_(limits) {}
    RecoverySessions(const RecoverySessions&) = delete;
    RecoverySessions& operator=(const RecoverySessions&) = delete;

    // 20 characters, 120 random bits.
    static std::string make_pid();

    // The socket with this pid is there, from now on or at another place than before.
    void connected(const std::string& pid, SocketPlace place);
    // Its connection was lost. Ignored if the pid is not connected there any more: someone else has come with it since.
    void park(RecoverySession session, SocketPlace place, Clock::time_point now);
    // A session that is away is handed out, once (its claim must not outlive this); of a connected one only the place is told. Nothing: unknown, or away for too long.
    Taken take(std::string_view pid, Clock::time_point now);
    // A session that was taken, but whose client has left again before it was connected().
    void put_back(RecoverySession session, Clock::time_point now);
    // The socket has ended and will not come back. Ignored if the pid is not connected there any more.
    void forget(std::string_view pid, SocketPlace place);
    void expire(Clock::time_point now);

    // Connected, away, or taken and still held. None means that nobody will ask for what is emitted now. Without the lock, for the path of every emit.
    std::size_t size() const { return known_.load(std::memory_order_acquire); }
    bool empty() const { return size() == 0; }
    std::size_t away() const;
    std::size_t bytes() const;  // of those that are away

private:
    struct Away {
        RecoverySession session;
        std::size_t bytes;
        Clock::time_point expires_at;
    };
    using AwayList = std::list<Away>;
    using Known = std::variant<SocketPlace, AwayList::iterator>;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Index = std::unordered_map<std::string, Known, Hash, std::equal_to<>>;

    // All of these: under the lock. What they remove goes to `removed`, to be destroyed after it.
    Index::iterator find_at(std::string_view pid, SocketPlace place);
    void drop_oldest(AwayList& removed);
    void drop_surplus(AwayList& removed);
    void drop_expired(AwayList& removed, Clock::time_point now);
    void remove(Index::iterator entry, AwayList& removed);
    std::shared_ptr<void> claim();

    const Limits limits_;
    std::atomic<std::size_t> known_{0};  // the index's size, and claims

    mutable std::mutex mutex_;
    Index index_;
    AwayList away_;  // longest away first
    std::size_t bytes_ = 0;
};

}  // namespace parley::socketio
