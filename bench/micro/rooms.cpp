// RoomIndex: 10,000 sockets, each in rooms of a given size.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "room_index.hpp"

namespace parley::socketio {
namespace {

constexpr RoomIndex::Member kSockets = 10'000;

// Of this socket, if rooms have so many members each.
std::string room_of(RoomIndex::Member member, std::int64_t size) {
    return "conversation:" + std::to_string(member / static_cast<RoomIndex::Member>(size));
}

std::vector<std::string> names(std::int64_t size) {
    std::vector<std::string> names;
    for (RoomIndex::Member member = 0; member < kSockets; ++member) names.push_back(room_of(member, size));
    return names;
}

void fill(RoomIndex& rooms, const std::vector<std::string>& names) {
    for (RoomIndex::Member member = 0; member < names.size(); ++member) rooms.join(member, names[member]);
}

void join_and_leave(benchmark::State& state) {
    const auto rooms_of_all = names(state.range(0));
    RoomIndex rooms;
    fill(rooms, rooms_of_all);
    RoomIndex::Member member = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(rooms.leave(member, rooms_of_all[member]));
        benchmark::DoNotOptimize(rooms.join(member, rooms_of_all[member]));
        member = (member + 7919) % kSockets;
    }
}
BENCHMARK(join_and_leave)->Name("RoomLeaveAndJoin/of_size")->Arg(1)->Arg(100)->Arg(10'000);

void walk_members(benchmark::State& state) {
    const auto rooms_of_all = names(state.range(0));
    RoomIndex rooms;
    fill(rooms, rooms_of_all);
    RoomIndex::Member member = 0;
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (const RoomIndex::Member other : rooms.members_of(rooms_of_all[member])) sum += other;
        benchmark::DoNotOptimize(sum);
        member = (member + 7919) % kSockets;
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(walk_members)->Name("RoomMembers/of_size")->Arg(1)->Arg(100)->Arg(10'000);

// A socket that is in twenty rooms comes and goes.
void come_and_go(benchmark::State& state) {
    constexpr int kRooms = 20;
    const auto rooms_of_all = names(100);
    RoomIndex rooms;
    fill(rooms, rooms_of_all);
    for (auto _ : state) {
        for (int i = 0; i < kRooms; ++i) rooms.join(kSockets, rooms_of_all[static_cast<std::size_t>(i) * 500]);
        rooms.leave_all(kSockets);
    }
}
BENCHMARK(come_and_go)->Name("RoomJoin20AndLeaveAll");

}  // namespace
}  // namespace parley::socketio
