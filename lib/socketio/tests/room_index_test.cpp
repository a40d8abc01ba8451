#include "room_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace parley::socketio {
namespace {

std::set<std::uint32_t> members(const RoomIndex& rooms, std::string_view room) {
    const auto span = rooms.members_of(room);
    return {span.begin(), span.end()};
}

TEST(RoomIndex, TellsTheFilterWhichRoomsThereAre) {
    RoomFilter filter;
    RoomIndex rooms(&filter);
    EXPECT_TRUE(filter.has_none_of("a"));
    rooms.join(1, "a");
    rooms.join(2, "a");
    rooms.join(2, "b");
    rooms.leave(1, "a");
    EXPECT_FALSE(filter.has_none_of("a"));
    EXPECT_FALSE(filter.has_none_of("b"));
    rooms.leave_all(2);
    EXPECT_TRUE(filter.has_none_of("a"));
    EXPECT_TRUE(filter.has_none_of("b"));
}

TEST(RoomIndex, ARoomExistsWhileItHasMembers) {
    RoomIndex rooms;
    EXPECT_TRUE(rooms.join(3, "a"));
    EXPECT_FALSE(rooms.join(3, "a"));
    EXPECT_EQ(rooms.size(), 1u);
    EXPECT_TRUE(rooms.contains(3, "a"));
    EXPECT_FALSE(rooms.contains(4, "a"));
    EXPECT_TRUE(rooms.leave(3, "a"));
    EXPECT_FALSE(rooms.leave(3, "a"));
    EXPECT_FALSE(rooms.leave(99, "a"));
    EXPECT_EQ(rooms.size(), 0u);
    EXPECT_TRUE(rooms.members_of("a").empty());
}

TEST(RoomIndex, RoomsAreListedInTheOrderJoined) {
    RoomIndex rooms;
    for (const std::string_view name : {"z", "a", "m"}) rooms.join(0, name);
    EXPECT_EQ(rooms.rooms_of(0), (std::vector<std::string_view>{"z", "a", "m"}));
    EXPECT_TRUE(rooms.rooms_of(7).empty());
}

TEST(RoomIndex, LeavingOneOfManyKeepsTheOthers) {
    RoomIndex rooms;
    for (std::uint32_t member = 0; member < 1000; ++member) rooms.join(member, "everybody");
    for (std::uint32_t member = 0; member < 1000; ++member) {
        if (member % 50 != 0) {
            EXPECT_TRUE(rooms.leave(member, "everybody"));
        }
    }
    EXPECT_EQ(rooms.members_of("everybody").size(), 20u);
    for (const std::uint32_t member : rooms.members_of("everybody")) EXPECT_EQ(member % 50, 0u);
}

// The plainest thing that could be right.
struct Model {
    std::map<std::string, std::set<std::uint32_t>> rooms;

    bool join(std::uint32_t member, const std::string& room) { return rooms[room].insert(member).second; }
    bool leave(std::uint32_t member, const std::string& room) {
        const bool was_in = rooms[room].erase(member) > 0;
        if (rooms[room].empty()) rooms.erase(room);
        return was_in;
    }
    void leave_all(std::uint32_t member) {
        for (auto& [name, of_room] : rooms) of_room.erase(member);
        std::erase_if(rooms, [](const auto& room) { return room.second.empty(); });
    }
};

void expect_agreement(const RoomIndex& index, const Model& model) {
    ASSERT_EQ(index.size(), model.rooms.size());
    std::map<std::uint32_t, std::set<std::string>> rooms_of;
    for (const auto& [name, of_room] : model.rooms) {
        ASSERT_EQ(members(index, name), of_room);
        ASSERT_EQ(index.members_of(name).size(), of_room.size());
        for (const std::uint32_t member : of_room) rooms_of[member].insert(name);
    }
    for (std::uint32_t member = 0; member < 20; ++member) {
        const auto names = index.rooms_of(member);
        ASSERT_EQ(std::set<std::string>(names.begin(), names.end()), rooms_of[member]);
        ASSERT_EQ(names.size(), rooms_of[member].size());
    }
}

TEST(RoomIndex, AgreesWithANaiveModelAfterAnySequence) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random(seed);
        RoomIndex index;
        Model model;
        for (int step = 0; step < 1000; ++step) {
            const std::uint32_t member = random() % 20;
            const std::string room = "room " + std::to_string(random() % 8);
            const unsigned act = random() % 10;
            if (act < 5) {
                ASSERT_EQ(index.join(member, room), model.join(member, room));
            } else if (act < 9) {
                ASSERT_EQ(index.leave(member, room), model.leave(member, room));
            } else {
                index.leave_all(member);
                model.leave_all(member);
            }
            if (step % 10 == 0) expect_agreement(index, model);
            if (HasFatalFailure()) return;
        }
    }
}

}  // namespace
}  // namespace parley::socketio
