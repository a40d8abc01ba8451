// Presence: who is online, counted per place. A user is online while any place counts a socket of theirs; two tabs are two sockets of one user.
// A place is one event loop of one node, so that counts of several nodes can be merged and those of a lost node dropped at once.
// Threading: none of its own; one owner holds it (realtime/presence_hub.hpp).
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
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
    std::size_t count() const { return online_.size(); }

    // Each once, in no order: who comes online goes behind the others, and the last one takes the place of one who leaves. Valid until the next change.
    std::span<const UserId> online_users() const { return online_; }

private:
    struct Count {
        Place place;
        std::uint32_t sockets;
    };
    struct Entry {
        std::uint32_t index;                              // of online_
        boost::container::small_vector<Count, 1> counts;  // one, but for people on several loops
    };
    void go_offline(std::unordered_map<UserId, Entry>::iterator position);

    std::unordered_map<UserId, Entry> sockets_;
    std::vector<UserId> online_;
};

}  // namespace parley::chat
