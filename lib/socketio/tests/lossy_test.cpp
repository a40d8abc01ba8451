// Recovery under everything at once: two loops, losses noticed and not, what was sent last lost on the way.
#include <gtest/gtest.h>

#include <future>
#include <numeric>
#include <random>
#include <thread>

#include "fake_session.hpp"
#include "namespace_core.hpp"

namespace parley::socketio {
namespace {

// Clients on two loops that lose their connections again and again, some before the server has noticed, with what was last sent to them; and a thread
// that emits all the time.
class LossyTest : public testing::Test {
protected:
    struct Player {
        FakeSession* session = nullptr;
        std::size_t loop = 0;
        std::string pid;
        std::string offset;
        std::vector<std::int64_t> seen;
        std::vector<std::string> unread;
        bool answered = false;
    };

    LossyTest() {
        HubOptions options;
        options.recovery.mode = RecoveryOptions::Mode::Always;
        hub = std::make_unique<Hub>(loops, std::move(options), nullptr);
        loops.start();
    }
    ~LossyTest() override {
        loops.stop();
        sessions.clear();
    }
    void run(std::size_t loop, const std::function<void()>& function) {
        std::promise<void> done;
        loops[loop].post([&] {
            function();
            done.set_value();
        });
        done.get_future().get();
    }

    void come(Player& player, std::size_t loop) {
        player.answered = false;
        player.unread.clear();
        player.loop = loop;
        run(loop, [&] {
            sessions.push_back(std::make_unique<FakeSession>(loops[loop], *hub));
            player.session = sessions.back().get();
            player.session->receive(player.pid.empty() ? "0" : R"(0{"pid":")" + player.pid + R"(","offset":")" + player.offset + "\"}");
        });
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!player.answered && std::chrono::steady_clock::now() < end) fetch(player);
        ASSERT_TRUE(player.answered);
    }
    void fetch(Player& player) {
        run(player.loop, [&] {
            for (std::string& packet : player.session->take_sent()) {
                if (packet.starts_with('0')) {
                    const std::string pid = parse_json(packet.substr(1)).value_or(Value())["pid"].as_string();
                    EXPECT_TRUE(player.pid.empty() || pid == player.pid) << "not recovered";
                    player.pid = pid;
                    player.answered = true;
                } else {
                    player.unread.push_back(std::move(packet));
                }
            }
        });
    }
    // So many of what was sent arrive, in order; the others are lost on the way.
    static void read(Player& player, std::size_t count) {
        for (std::size_t i = 0; i < std::min(count, player.unread.size()); ++i) {
            const Value event = parse_json(player.unread[i].substr(1)).value_or(Value());
            player.seen.push_back(event[1].as_integer());
            player.offset = event[event.size() - 1].as_string();
        }
        player.unread.clear();
    }

    LoopGroup loops{2};
    std::unique_ptr<Hub> hub;
    std::vector<std::unique_ptr<FakeSession>> sessions;
};

TEST_F(LossyTest, EverybodyGetsEverythingOnceAndInOrder) {
    constexpr std::int64_t kEvents = 3000;
    std::vector<Player> players(6);
    for (std::size_t i = 0; i < players.size(); ++i) come(players[i], i % 2);

    std::thread emitter([&] {
        const Broadcast everybody(hub->default_namespace().pointer());
        for (std::int64_t i = 0; i < kEvents; ++i) {
            everybody.emit("n", {i});
            if (i % 16 == 0) std::this_thread::yield();
        }
    });
    std::minstd_rand random(7);
    for (int round = 0; round < 200; ++round) {
        Player& player = players[random() % players.size()];
        fetch(player);
        read(player, random() % 50);
        const bool noticed = random() % 2 == 0;
        if (noticed) run(player.loop, [&] { player.session->end(engineio::CloseReason::PingTimeout); });
        come(player, random() % 2);
    }
    emitter.join();
    std::vector<std::int64_t> all(kEvents);
    std::iota(all.begin(), all.end(), 0);
    for (Player& player : players) {
        come(player, player.loop);
        for (const std::size_t loop : {0, 1, 0}) run(loop, [] {});
        fetch(player);
        read(player, player.unread.size());
        EXPECT_EQ(player.seen, all);
    }
}

}  // namespace
}  // namespace parley::socketio
