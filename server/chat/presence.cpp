#include "chat/presence.hpp"

#include <algorithm>

namespace parley::chat {

bool Presence::add(UserId user, Place place) {
    const auto [position, came_online] = sockets_.try_emplace(user);
    Entry& entry = position->second;
    if (came_online) {
        entry.index = static_cast<std::uint32_t>(online_.size());
        online_.push_back(user);
    }
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
    go_offline(position);
    return true;
}

bool Presence::remove_node(std::uint16_t node) {
    const std::size_t before = count();
    for (auto position = sockets_.begin(); position != sockets_.end();) {
        auto& counts = position->second.counts;
        const auto lost = std::ranges::remove_if(counts, [node](const Count& count) { return count.place.node == node; });
        counts.erase(lost.begin(), lost.end());
        const auto here = position++;
        if (counts.empty()) go_offline(here);
    }
    return count() != before;
}

void Presence::go_offline(std::unordered_map<UserId, Entry>::iterator position) {
    const std::uint32_t index = position->second.index;
    const UserId last = online_.back();
    sockets_.find(last)->second.index = index;
    online_[index] = last;
    online_.pop_back();
    sockets_.erase(position);
}

}  // namespace parley::chat
