// PresenceHub: tells every identified socket who is online. It owns chat::Presence and lives on one loop; the others post to it.
// A socket that joins gets one complete list with its user in it, and from then on a list when somebody has come or gone; PresencePace says when.
// It is the hub that takes a socket into kOnlineRoom, with its first list, so that no list reaches a socket before its user is counted. Of several lists
// waiting for one slow socket only the newest is sent, and none overtakes a newer one, since all leave from this one place.
#pragma once

#include <string>
#include <vector>

#include "chat/presence.hpp"
#include "parley/async/loop.hpp"
#include "parley/socketio/server.hpp"
#include "realtime/online_list.hpp"
#include "realtime/presence_pace.hpp"

namespace parley::realtime {

// The room of all sockets that have got a list. Nobody else may join it.
inline constexpr const char* kOnlineRoom = "online";

class PresenceHub {
public:
    // `loop` owns the state. Precondition for both: the hub outlives the loops' threads.
    PresenceHub(Loop& loop, socketio::Server& io, PresenceOptions options);

    // Any thread. One call of each for a socket, in this order.
    void joined(chat::UserId user, chat::Place place, std::string socket_id);
    void left(chat::UserId user, chat::Place place);

private:
    void on_joined(chat::UserId user, chat::Place place, std::string socket_id);
    void on_left(chat::UserId user, chat::Place place);
    void proceed_later();
    void proceed();
    void tell(PresencePace::To whom);
    PresencePace::Crowd crowd() const { return {OnlineList::bytes(presence_.count()), sockets_}; }

    Loop& loop_;
    socketio::Server& io_;

    // Confined to loop_.
    chat::Presence presence_;
    std::uint64_t sockets_ = 0;
    std::vector<std::string> newcomers_;  // ids of sockets that wait for their first list; some may have gone
    OnlineList list_;
    PresencePace pace_;
    bool proceeding_ = false;  // at the end of this turn
    Timer timer_{Timer::call<PresenceHub, &PresenceHub::proceed>, this};
};

}  // namespace parley::realtime
