// One user leaves, another comes, and the online list is ready to be sent: what a round costs before it is sent, whatever the number of sockets.
#include <benchmark/benchmark.h>

#include <vector>

#include "chat/presence.hpp"
#include "realtime/online_list.hpp"

namespace {

using namespace parley;

constexpr chat::Place kHere{.node = 0, .loop = 0};

struct Crowd {
    explicit Crowd(std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) come();
        list.json(presence.online_users());
    }
    void come() {
        users.push_back(chat::UserId::generate());
        presence.add(users.back(), kHere);
    }
    void leave(std::size_t index) {
        presence.remove(users[index], kHere);
        users[index] = users.back();
        users.pop_back();
    }

    chat::Presence presence;
    realtime::OnlineList list;
    std::vector<chat::UserId> users;
};

void presence_change_and_list(benchmark::State& state) {
    Crowd crowd(state.range(0));
    std::size_t turn = 0;
    for (auto _ : state) {
        crowd.leave((turn += 7919) % crowd.users.size());
        crowd.come();
        benchmark::DoNotOptimize(crowd.list.json(crowd.presence.online_users()));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(realtime::OnlineList::bytes(crowd.users.size())));
}
BENCHMARK(presence_change_and_list)->Arg(1'000)->Arg(10'000);

void presence_list_anew(benchmark::State& state) {
    const Crowd crowd(state.range(0));
    for (auto _ : state) {
        realtime::OnlineList list;
        benchmark::DoNotOptimize(list.json(crowd.presence.online_users()));
    }
}
BENCHMARK(presence_list_anew)->Arg(1'000)->Arg(10'000);

void presence_come_and_go(benchmark::State& state) {
    Crowd crowd(state.range(0));
    const chat::UserId user = chat::UserId::generate();
    for (auto _ : state) {
        benchmark::DoNotOptimize(crowd.presence.add(user, kHere));
        benchmark::DoNotOptimize(crowd.presence.remove(user, kHere));
    }
}
BENCHMARK(presence_come_and_go)->Arg(1'000)->Arg(10'000);

}  // namespace
