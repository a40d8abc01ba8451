// PresenceHub: tells every identified socket who is online. It owns chat::Presence and lives on one loop; the others post to it.
// A socket that joins gets one complete list with its user in it: the next broadcast if its user has just come online, else the current list.
// Lists are sent on change only, coalesced: at intervals of at least max(min_interval, list bytes × sockets / bytes_per_second). Of several lists
// waiting for one slow socket only the newest is sent, and none overtakes a newer one, since all leave from this one place.
#pragma once

#include <chrono>
#include <string>

#include "chat/presence.hpp"
#include "parley/async/loop.hpp"
#include "parley/socketio/server.hpp"

namespace parley::realtime {

// The room of all identified sockets.
inline constexpr const char* kOnlineRoom = "online";

struct PresenceOptions {
    std::chrono::milliseconds min_interval{100};
    std::uint64_t bytes_per_second = 200'000'000;  // of all lists to all sockets together
};

class PresenceHub {
public:
    // `loop` owns the state. Precondition for both: the hub outlives the loops' threads.
    PresenceHub(Loop& loop, socketio::Server& io, PresenceOptions options);

    // Any thread. The socket has joined kOnlineRoom before; `socket_id` gets the list.
    void joined(chat::UserId user, chat::Place place, std::string socket_id);
    void left(chat::UserId user, chat::Place place);

private:
    void on_joined(chat::UserId user, chat::Place place, const std::string& socket_id);
    void on_left(chat::UserId user, chat::Place place);
    void schedule();
    void broadcast();
    void render();

    Loop& loop_;
    socketio::Server& io_;
    const PresenceOptions options_;

    // Confined to loop_.
    chat::Presence presence_;
    std::uint64_t sockets_ = 0;
    std::string list_ = "[]";  // of the last broadcast, as JSON
    bool changed_ = false;     // since then
    TimerWheel::Clock::time_point not_before_{};
    Timer timer_{Timer::call<PresenceHub, &PresenceHub::broadcast>, this};
};

}  // namespace parley::realtime
