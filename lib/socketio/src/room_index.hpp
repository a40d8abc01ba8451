// RoomIndex: which sockets of one namespace and one loop are in which rooms. Delivers nothing (Shard does) and sees no other loop (Adapter does).
// Sockets are numbers, small and used again when free.
// Cost: a membership is 16 bytes in the member's list and 8 in the room's; a room is its name and one hash node. Joining and leaving are linear in the
// number of the member's rooms or in the size of the room, whichever is less; leaving all in the number of rooms.
// Threading: loop-confined.
// Invariants: (1) a room exists iff it has a member; (2) rooms_of(member) and members_of(room) agree.
#pragma once

#include <cstdint>
#include <functional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "room_filter.hpp"

namespace parley::socketio {

class RoomIndex {
public:
    using Member = std::uint32_t;

    // filter: to be told which rooms there are, if anybody.
    explicit RoomIndex(RoomFilter* filter = nullptr) : filter_(filter) {}

    // False: it was in the room already.
    bool join(Member member, std::string_view room);
    // False: it was not in the room.
    bool leave(Member member, std::string_view room);
    void leave_all(Member member);

    bool contains(Member member, std::string_view room) const;
    // In no order; valid until the next change.
    auto members_of(std::string_view room) const { return seats_of(room) | std::views::transform(&Seat::member); }
    // In the order joined, until one is left. The names are valid until the next change.
    std::vector<std::string_view> rooms_of(Member member) const;
    std::size_t size() const { return rooms_.size(); }
    // If nobody is in any room: what many members have left behind.
    void give_back_memory();

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    // Each says where the other is.
    struct Seat {
        Member member;
        std::uint32_t membership;  // its index in the member's list
    };
    using Rooms = std::unordered_map<std::string, std::vector<Seat>, Hash, std::equal_to<>>;
    using Room = Rooms::value_type;  // a node: its address stays
    struct Membership {
        Room* room;
        std::uint32_t seat;  // its index in the room's list
    };
    using Memberships = std::vector<Membership>;

    static constexpr std::size_t kNone = -1;
    std::span<const Seat> seats_of(std::string_view room) const;
    const Memberships* memberships_of(Member member) const;
    // The index in the member's list; kNone: it is not in the room.
    std::size_t find(Member member, const Room& room) const;
    void remove_seat(const Membership& membership);

    RoomFilter* const filter_;
    Rooms rooms_;
    std::vector<Memberships> memberships_;  // by member
};

}  // namespace parley::socketio
