#include "chat/presence.hpp"

#include <algorithm>

namespace parley::chat {

bool Presence::add(UserId user, Place place) {
    const auto [position, came_online] = sockets_.try_emplace(user);
    Entry& entry = position->second;
    if (came_online) entry.since = arrivals_++;
    const auto count = std::ranges::find(entry.counts, place, &Count::place);
    if (count == entry.counts.end()) {
        entry.counts.push_back({place, 1});
    } else {
        ++count->sockets;
    }
    return came_online;
}

bool Presence::remove(UserId user, Place place) {
    const auto position = sockets_.find(user);
    if (position == sockets_.end()) return false;
    auto& counts = position->second.counts;
    const auto count = std::ranges::find(counts, place, &Count::place);
    if (count == counts.end()) return false;
    if (--count->sockets == 0) counts.erase(count);
    if (!counts.empty()) return false;
    sockets_.erase(position);
    return true;
}

bool Presence::remove_node(std::uint16_t node) {
    for (auto& [user, entry] : sockets_) {
        const auto lost = std::ranges::remove_if(entry.counts, [node](const Count& count) { return count.place.node == node; });
        entry.counts.erase(lost.begin(), lost.end());
    }
    return std::erase_if(sockets_, [](const auto& item) { return item.second.counts.empty(); }) > 0;
}

std::vector<UserId> Presence::online_users() const {
    std::vector<std::pair<std::uint64_t, UserId>> arrivals;
    arrivals.reserve(sockets_.size());
    for (const auto& [user, entry] : sockets_) arrivals.emplace_back(entry.since, user);
    std::ranges::sort(arrivals);
    std::vector<UserId> users;
    users.reserve(arrivals.size());
    for (const auto& [since, user] : arrivals) users.push_back(user);
    return users;
}

}  // namespace parley::chat
