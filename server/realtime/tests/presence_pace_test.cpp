#include "realtime/presence_pace.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::realtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using To = PresencePace::To;

// One that is told what happens, and asked as the hub asks it, on a clock of its own.
class PresencePaceTest : public testing::Test {
protected:
    struct Told {
        milliseconds at;
        To to;
        bool operator==(const Told&) const = default;
    };

    void join(std::uint64_t users = 1) {
        for (std::uint64_t i = 0; i < users; ++i) {
            ++users_;
            pace_.joined(now());
            pace_.changed(now());
        }
        ask();
    }
    void leave() {
        --users_;
        pace_.changed(now());
        ask();
    }
    // A second tab.
    void open_tab() {
        ++tabs_;
        pace_.joined(now());
        ask();
    }
    void pass(milliseconds time) {
        for (const milliseconds end = elapsed_ + time; elapsed_ < end; elapsed_ += 1ms) ask();
    }
    // A crowd that has been there for a while.
    void settle(std::uint64_t users) {
        join(users);
        pass(1min);
        told_.clear();
        elapsed_ = 0ms;
        origin_ += 1min;
    }
    const std::vector<Told>& told() const { return told_; }
    milliseconds last_round() const {
        milliseconds at{-1};
        for (const Told& each : told_) {
            if (each.to == To::Everybody) at = each.at;
        }
        return at;
    }
    std::uint64_t bytes_told() const { return bytes_; }

    // Lists of 10 bytes per user, at 1,000,000 bytes per second: a round costs 10 ms with 32 users, 100 ms with 100, and 10 s with 1,000.
    static constexpr PresenceOptions kOptions{.min_interval = 100ms, .bytes_per_second = 1'000'000};

private:
    PresencePace::Time now() const { return origin_ + elapsed_; }
    PresencePace::Crowd crowd() const { return {10 * users_, users_ + tabs_}; }

    void ask() {
        const auto step = pace_.next(now(), crowd());
        if (step.to == To::Nobody) {
            if (step.again) EXPECT_GT(*step.again, now()) << "it would be asked for ever";
            return;
        }
        told_.push_back({elapsed_, step.to});
        if (step.to == To::Everybody) {
            bytes_ += crowd().list_bytes * crowd().sockets;
            pace_.told_everybody(now(), crowd());
        } else {
            pace_.told_newcomers(now());
        }
    }

    PresencePace pace_{kOptions};
    PresencePace::Time origin_{1h};
    milliseconds elapsed_{0};
    std::uint64_t users_ = 0;
    std::uint64_t tabs_ = 0;
    std::uint64_t bytes_ = 0;
    std::vector<Told> told_;
};

TEST_F(PresencePaceTest, TheFirstIsToldAtOnce) {
    join();
    pass(1min);
    EXPECT_EQ(told(), (std::vector<Told>{{1ms, To::Everybody}}));
}

TEST_F(PresencePaceTest, ASmallCrowdIsToldAtOnceAndThenAtTheInterval) {
    settle(10);
    leave();
    EXPECT_EQ(last_round(), -1ms);  // for as long as the list costs
    pass(5ms);
    EXPECT_EQ(last_round(), 1ms);
    leave();
    join();
    pass(1min);
    EXPECT_EQ(told(), (std::vector<Told>{{1ms, To::Everybody}, {101ms, To::Everybody}}));
}

TEST_F(PresencePaceTest, ANewcomerToALargeCrowdHasItsListAtOnceTheOthersWhenItIsCalm) {
    settle(1'000);
    join();
    pass(1min);
    EXPECT_EQ(told(), (std::vector<Told>{{11ms, To::Newcomers}, {100ms, To::Everybody}}));
}

TEST_F(PresencePaceTest, ASecondTabCostsNoRound) {
    settle(1'000);
    open_tab();
    pass(1min);
    EXPECT_EQ(told(), (std::vector<Told>{{10ms, To::Newcomers}}));
}

TEST_F(PresencePaceTest, AStormCostsHardlyMoreThanOneRoundAtItsEnd) {
    for (int i = 0; i < 500; ++i) {
        join(2);
        pass(1ms);
    }
    pass(1min);
    EXPECT_LE(last_round(), 500ms + kOptions.min_interval + 5ms);
    EXPECT_LT(bytes_told(), 1'000 * 10 * 1'000 * 11 / 10);
}

TEST_F(PresencePaceTest, ALastingStormIsToldOnTheWay) {
    settle(300);  // 0.9 s
    for (int i = 0; i < 2'000; ++i) {
        leave();
        join();
        pass(1ms);
    }
    EXPECT_GT(last_round(), 0ms);
    ASSERT_FALSE(told().empty());
    EXPECT_LE(told().front().at, 1s);
}

TEST_F(PresencePaceTest, NewcomersOfALastingStormAreToldOnTheWay) {
    settle(1'000);
    for (int i = 0; i < 5'000 && told().empty(); ++i) {
        join(1);
        pass(1ms);
    }
    ASSERT_FALSE(told().empty());
    EXPECT_LT(told().front().at, 4s);
}

TEST_F(PresencePaceTest, AFewWhoComeAndGoAllTheTimeDoNotKeepAStormFromEnding) {
    settle(1'000);
    join(500);
    for (int i = 0; i < 20; ++i) {
        pass(20ms);
        leave();
    }
    EXPECT_GT(last_round(), 0ms);
    EXPECT_LE(last_round(), 2 * kOptions.min_interval);
}

TEST_F(PresencePaceTest, TwoRoundsMayFollowEachOtherButInTheLongRunTheyAreAsFarApartAsTheyCost) {
    settle(300);  // 0.9 s
    leave();
    pass(300ms);
    join();
    pass(300ms);
    EXPECT_EQ(told().size(), 3);  // one of them to the newcomer
    const auto before = bytes_told();
    for (int i = 0; i < 100; ++i) {
        leave();
        pass(300ms);
        join();
        pass(300ms);
    }
    EXPECT_LE(bytes_told() - before, 60 * kOptions.bytes_per_second + 300 * 10 * 300);
    EXPECT_GE(bytes_told() - before, 60 * kOptions.bytes_per_second * 8 / 10);
}

}  // namespace
}  // namespace parley::realtime
