#include "recovery_sessions.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <thread>

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;

constexpr SocketPlace kHere{1, 7, 3};
constexpr SocketPlace kElsewhere{0, 2, 9};

RecoverySession session(const std::string& pid, const Value& data = {}) {
    return {pid, "sid-of-" + pid, {{"sid-of-" + pid, 0}, {"lobby", 5}}, data, 4};
}

class RecoverySessionsTest : public testing::Test {
protected:
    void lose(const std::string& pid, const Value& data = {}) {
        sessions_.connected(pid, kHere);
        sessions_.park(session(pid, data), kHere, now_);
    }
    std::optional<SocketPlace> place_of(std::string_view pid) {
        const auto taken = sessions_.take(pid, now_);
        const auto* place = std::get_if<SocketPlace>(&taken);
        return place ? std::optional(*place) : std::nullopt;
    }
    // The sid of what is handed out; "" for nothing, "connected" for a place.
    std::string take(std::string_view pid) {
        const auto taken = sessions_.take(pid, now_);
        if (std::holds_alternative<SocketPlace>(taken)) return "connected";
        const auto* away = std::get_if<RecoverySession>(&taken);
        return away ? away->sid : "";
    }

    RecoverySessions::Clock::time_point now_{1000s};
    RecoverySessions sessions_{{.max_disconnection = 120s, .max_sessions = 3, .max_bytes = 20'000}};
};

TEST_F(RecoverySessionsTest, WhoComesBackGetsEverythingBack) {
    lose("p", Value(Object{{"name", "Ann"}}));
    const auto taken = sessions_.take("p", now_ + 2s);
    const auto* back = std::get_if<RecoverySession>(&taken);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->pid, "p");
    EXPECT_EQ(back->sid, "sid-of-p");
    EXPECT_EQ(back->rooms, (std::vector<RoomMembership>{{"sid-of-p", 0}, {"lobby", 5}}));
    EXPECT_EQ(back->data["name"], Value("Ann"));
    EXPECT_EQ(back->connected_at, 4u);
}

TEST_F(RecoverySessionsTest, ASessionIsHandedOutOnce) {
    lose("p");
    EXPECT_EQ(take("p"), "sid-of-p");
    EXPECT_EQ(take("p"), "");
    EXPECT_TRUE(sessions_.empty());
}

TEST_F(RecoverySessionsTest, TheSamePidCanBeLostAndRecoveredManyTimes) {
    for (int i = 0; i < 50; ++i) {
        lose("p");
        now_ += 100s;
        ASSERT_EQ(take("p"), "sid-of-p") << i;
    }
    EXPECT_EQ(sessions_.bytes(), 0u);
}

TEST_F(RecoverySessionsTest, WhoIsOnTheWayBackCountsAsKnown) {
    lose("p");
    auto taken = sessions_.take("p", now_);
    EXPECT_FALSE(sessions_.empty());
    sessions_.connected("p", kElsewhere);
    taken = {};
    EXPECT_EQ(sessions_.size(), 1u);
    sessions_.forget("p", kElsewhere);
    EXPECT_TRUE(sessions_.empty());
}

TEST_F(RecoverySessionsTest, AnUnknownPidGetsNothing) {
    lose("p");
    EXPECT_EQ(take("q"), "");
    EXPECT_EQ(take(""), "");
    EXPECT_EQ(take(std::string(1 << 20, 'p')), "");
}

TEST_F(RecoverySessionsTest, ASessionIsThereAtTheBoundAndNotAfterIt) {
    lose("p");
    now_ += 120s;
    EXPECT_EQ(take("p"), "sid-of-p");
    lose("q");
    now_ += 120s + 1ms;
    EXPECT_EQ(take("q"), "");
}

TEST_F(RecoverySessionsTest, ExpiryForgetsTheOldAndKeepsTheRest) {
    lose("p");
    now_ += 60s;
    lose("q");
    now_ += 61s;
    sessions_.expire(now_);
    EXPECT_EQ(sessions_.size(), 1u);
    EXPECT_EQ(sessions_.away(), 1u);
    EXPECT_EQ(take("q"), "sid-of-q");
    EXPECT_TRUE(sessions_.empty());
}

TEST_F(RecoverySessionsTest, AConnectedSocketDoesNotExpire) {
    sessions_.connected("p", kHere);
    sessions_.expire(now_ + 24h);
    EXPECT_FALSE(sessions_.empty());
    EXPECT_EQ(take("p"), "connected");
}

TEST_F(RecoverySessionsTest, WhoComesBackBeforeTheLossIsNoticedLearnsWhereTheOldSocketIs) {
    sessions_.connected("p", kHere);
    EXPECT_EQ(place_of("p"), kHere);
    sessions_.park(session("p"), kHere, now_);
    EXPECT_EQ(take("p"), "sid-of-p");
    sessions_.connected("p", kElsewhere);
    EXPECT_EQ(place_of("p"), kElsewhere);
}

TEST_F(RecoverySessionsTest, AnOldSocketsLateEndDoesNotTouchTheNewOne) {
    sessions_.connected("p", kHere);
    sessions_.connected("p", kElsewhere);
    sessions_.park(session("p"), kHere, now_);
    EXPECT_EQ(take("p"), "connected");
    sessions_.forget("p", kHere);
    EXPECT_EQ(take("p"), "connected");
}

TEST_F(RecoverySessionsTest, ALateEndDoesNotTouchASessionThatIsAwayAlready) {
    lose("p");
    sessions_.park(session("p"), kHere, now_ + 60s);
    sessions_.forget("p", kHere);
    EXPECT_EQ(sessions_.away(), 1u);
    EXPECT_EQ(take("p"), "sid-of-p");
}

TEST_F(RecoverySessionsTest, ASocketThatEndedForGoodIsForgotten) {
    sessions_.connected("p", kHere);
    sessions_.forget("p", kHere);
    EXPECT_TRUE(sessions_.empty());
    EXPECT_EQ(take("p"), "");
}

TEST_F(RecoverySessionsTest, BeyondTheNumberTheLongestAwayGoes) {
    for (const char* pid : {"a", "b", "c", "d"}) lose(pid);
    EXPECT_EQ(sessions_.away(), 3u);
    EXPECT_EQ(sessions_.size(), 3u);
    EXPECT_EQ(take("a"), "");
    for (const char* pid : {"b", "c", "d"}) EXPECT_EQ(take(pid), std::string("sid-of-") + pid);
}

TEST_F(RecoverySessionsTest, BeyondTheBytesTheLongestAwayGoes) {
    lose("a", Value(std::string(15'000, 'x')));
    lose("b", Value(Object{{"list", Array{Value(std::string(8'000, 'x'))}}, {"bytes", Bytes{std::string(4'000, 'x')}}}));
    EXPECT_EQ(take("a"), "");
    EXPECT_LE(sessions_.bytes(), 20'000u);
    EXPECT_GE(sessions_.bytes(), 12'000u);
    EXPECT_EQ(take("b"), "sid-of-b");
    EXPECT_EQ(sessions_.bytes(), 0u);
}

TEST_F(RecoverySessionsTest, ASessionBiggerThanAllThereIsRoomForIsNotKept) {
    lose("a");
    lose("b", Value(std::string(30'000, 'x')));
    EXPECT_EQ(take("b"), "");
    EXPECT_TRUE(sessions_.empty());
}

TEST_F(RecoverySessionsTest, PidsAreLongAndNeverTheSame) {
    std::set<std::string> pids;
    for (int i = 0; i < 1000; ++i) pids.insert(RecoverySessions::make_pid());
    EXPECT_EQ(pids.size(), 1000u);
    EXPECT_EQ(pids.begin()->size(), 20u);
}

TEST_F(RecoverySessionsTest, OfManyWhoTakeAtOnceOneGetsTheSession) {
    for (int round = 0; round < 200; ++round) {
        lose("p");
        std::atomic<int> got{0};
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 4; ++i) {
                threads.emplace_back([&] { got += take("p") == "sid-of-p"; });
            }
        }
        ASSERT_EQ(got, 1);
    }
}

}  // namespace
}  // namespace parley::socketio
