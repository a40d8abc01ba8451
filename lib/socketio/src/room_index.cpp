#include "room_index.hpp"

#include <algorithm>

namespace parley::socketio {

const RoomIndex::Memberships* RoomIndex::memberships_of(Member member) const {
    return member < memberships_.size() ? &memberships_[member] : nullptr;
}

std::span<const RoomIndex::Seat> RoomIndex::seats_of(std::string_view name) const {
    const auto room = rooms_.find(name);
    return room == rooms_.end() ? std::span<const Seat>() : std::span<const Seat>(room->second);
}

// Looks through the shorter list.
std::size_t RoomIndex::find(Member member, const Room& room) const {
    const Memberships* own = memberships_of(member);
    if (!own) return kNone;
    if (own->size() < room.second.size()) {
        const auto membership = std::ranges::find(*own, &room, &Membership::room);
        return membership == own->end() ? kNone : static_cast<std::size_t>(membership - own->begin());
    }
    const auto seat = std::ranges::find(room.second, member, &Seat::member);
    return seat == room.second.end() ? kNone : seat->membership;
}

bool RoomIndex::join(Member member, std::string_view name) {
    auto room = rooms_.find(name);
    if (room == rooms_.end()) {
        room = rooms_.try_emplace(std::string(name)).first;
        if (filter_) filter_->add(name);
    }
    if (find(member, *room) != kNone) return false;
    if (member >= memberships_.size()) memberships_.resize(member + 1);
    Memberships& own = memberships_[member];
    own.push_back({&*room, static_cast<std::uint32_t>(room->second.size())});
    room->second.push_back({member, static_cast<std::uint32_t>(own.size() - 1)});
    return true;
}

bool RoomIndex::leave(Member member, std::string_view name) {
    const auto room = rooms_.find(name);
    const std::size_t index = room == rooms_.end() ? kNone : find(member, *room);
    if (index == kNone) return false;
    Memberships& own = memberships_[member];
    remove_seat(own[index]);
    const Membership last = own.back();
    own.pop_back();
    if (index == own.size()) return true;
    own[index] = last;
    last.room->second[last.seat].membership = static_cast<std::uint32_t>(index);
    return true;
}

void RoomIndex::leave_all(Member member) {
    if (member >= memberships_.size()) return;
    for (const Membership& membership : memberships_[member]) remove_seat(membership);
    Memberships().swap(memberships_[member]);
}

// The last one of the room takes the seat that becomes free.
void RoomIndex::remove_seat(const Membership& membership) {
    std::vector<Seat>& seats = membership.room->second;
    const Seat moved = seats.back();
    seats[membership.seat] = moved;
    memberships_[moved.member][moved.membership].seat = membership.seat;
    seats.pop_back();
    if (seats.empty()) {
        const auto room = rooms_.find(membership.room->first);
        if (filter_) filter_->remove(room->first);
        rooms_.erase(room);
    } else if (seats.capacity() > 64 && seats.size() < seats.capacity() / 4) {
        seats.shrink_to_fit();
    }
}

bool RoomIndex::contains(Member member, std::string_view name) const {
    const auto room = rooms_.find(name);
    return room != rooms_.end() && find(member, *room) != kNone;
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
