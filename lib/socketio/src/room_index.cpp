#include "room_index.hpp"

#include <algorithm>

namespace parley::socketio {

RoomIndex::Memberships::iterator RoomIndex::find(Memberships& memberships, const Room* room) {
    return std::ranges::find(memberships, room, [](const Membership& membership) -> const Room* { return membership.room; });
}

const RoomIndex::Memberships* RoomIndex::memberships_of(Member member) const {
    return member < memberships_.size() ? &memberships_[member] : nullptr;
}

bool RoomIndex::join(Member member, std::string_view name) {
    if (contains(member, name)) return false;
    auto room = rooms_.find(name);
    if (room == rooms_.end()) room = rooms_.try_emplace(std::string(name)).first;
    if (member >= memberships_.size()) memberships_.resize(member + 1);
    memberships_[member].push_back({&*room, static_cast<std::uint32_t>(room->second.size())});
    room->second.push_back(member);
    return true;
}

bool RoomIndex::leave(Member member, std::string_view name) {
    const auto room = rooms_.find(name);
    if (room == rooms_.end() || member >= memberships_.size()) return false;
    Memberships& own = memberships_[member];
    const auto membership = find(own, &*room);
    if (membership == own.end()) return false;
    remove_member(*membership);
    own.erase(membership);
    return true;
}

void RoomIndex::leave_all(Member member) {
    if (member >= memberships_.size()) return;
    for (const Membership& membership : memberships_[member]) remove_member(membership);
    Memberships().swap(memberships_[member]);
}

// The last member of the room takes the place that becomes free.
void RoomIndex::remove_member(const Membership& membership) {
    std::vector<Member>& members = membership.room->second;
    const Member moved = members.back();
    members[membership.position] = moved;
    find(memberships_[moved], membership.room)->position = membership.position;
    members.pop_back();
    if (members.empty()) {
        rooms_.erase(rooms_.find(membership.room->first));
    } else if (members.capacity() > 64 && members.size() < members.capacity() / 4) {
        members.shrink_to_fit();
    }
}

bool RoomIndex::contains(Member member, std::string_view name) const {
    const Memberships* own = memberships_of(member);
    return own && std::ranges::any_of(*own, [name](const Membership& membership) { return membership.room->first == name; });
}

std::span<const RoomIndex::Member> RoomIndex::members_of(std::string_view name) const {
    const auto room = rooms_.find(name);
    return room == rooms_.end() ? std::span<const Member>() : std::span<const Member>(room->second);
}

std::vector<std::string_view> RoomIndex::rooms_of(Member member) const {
    std::vector<std::string_view> names;
    if (const Memberships* own = memberships_of(member)) {
        for (const Membership& membership : *own) names.push_back(membership.room->first);
    }
    return names;
}

void RoomIndex::give_back_memory() {
    if (!rooms_.empty()) return;
    std::vector<Memberships>().swap(memberships_);
    rooms_.rehash(0);
}

}  // namespace parley::socketio
