// Presence: who is online, counted per place. A user is online while any place counts a socket of theirs; two tabs are two sockets of one user.
// A place is one event loop of one node, so that counts of several nodes can be merged and those of a lost node dropped at once.
// Threading: none of its own; one owner holds it (realtime/presence_hub.hpp).
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "chat/values.hpp"

namespace parley::chat {

struct Place {
    std::uint16_t node = 0;
    std::uint16_t loop = 0;
    friend bool operator==(const Place&, const Place&) = default;
};

class Presence {
public:
    // One socket more, or less, of `user` at `place`. True if this brings the user online, or takes them offline.
    // remove() of what was never added changes nothing.
    bool add(UserId user, Place place);
    bool remove(UserId user, Place place);

    // Forgets every socket counted by a node. True if anybody went offline by it.
    bool remove_node(std::uint16_t node);

    bool online(UserId user) const { return sockets_.contains(user); }
    std::size_t count() const { return sockets_.size(); }

    // In the order in which they came online.
    std::vector<UserId> online_users() const;

private:
    struct Count {
        Place place;
        std::uint32_t sockets;
    };
    struct Entry {
        std::uint64_t since;                              // order of coming online
        boost::container::small_vector<Count, 1> counts;  // one, but for people on several loops
    };
    std::unordered_map<UserId, Entry> sockets_;
    std::uint64_t arrivals_ = 0;
};

}  // namespace parley::chat
