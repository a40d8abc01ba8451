#include "parley/async/heap_trim.hpp"

#include <gtest/gtest.h>

namespace parley {
namespace {

using std::chrono::milliseconds;

TimerWheel::Clock::time_point now;
int trims;

class HeapTrimTest : public testing::Test {
protected:
    HeapTrimTest() { trims = 0; }
    void arrive(std::size_t count) {
        for (; count > 0; --count) trim_.arrived();
    }
    void leave(std::size_t count) {
        for (; count > 0; --count) trim_.left();
    }
    int trims_after(milliseconds time) {
        now += time;
        wheel_.advance();
        return trims;
    }
    int trims_in_the_end() {
        for (int i = 0; i < 10; ++i) trims_after(kWait);
        return trims;
    }

    static constexpr milliseconds kWait = HeapTrim::kQuiet + 2 * TimerWheel::kTick;
    TimerWheel wheel_{[] { return now; }};
    HeapTrim trim_{wheel_, [] { ++trims; }};
};

TEST_F(HeapTrimTest, OnceWhenACrowdHasLeft) {
    arrive(1'000);
    leave(1'000);
    EXPECT_EQ(trims_after(HeapTrim::kQuiet / 2), 0);
    EXPECT_EQ(trims_in_the_end(), 1);
    arrive(1'000);
    leave(800);
    EXPECT_EQ(trims_in_the_end(), 2);
}

TEST_F(HeapTrimTest, NotWhileStillMoreAreLeaving) {
    arrive(10'000);
    leave(6'000);
    for (int i = 0; i < 10; ++i) {
        leave(100);
        EXPECT_EQ(trims_after(kWait), 0);
    }
    EXPECT_EQ(trims_after(kWait), 1);
}

TEST_F(HeapTrimTest, NotForAFew) {
    arrive(HeapTrim::kCrowd - 1);
    leave(HeapTrim::kCrowd - 1);
    EXPECT_EQ(trims_in_the_end(), 0);
}

TEST_F(HeapTrimTest, NotWhileMostStay) {
    arrive(10'000);
    leave(4'900);
    EXPECT_EQ(trims_in_the_end(), 0);
}

TEST_F(HeapTrimTest, NotForComingAndGoing) {
    arrive(1'000);
    for (int i = 0; i < 100'000; ++i) {
        arrive(1);
        leave(1);
    }
    EXPECT_EQ(trims_in_the_end(), 0);
}

TEST_F(HeapTrimTest, NotWhenTheyComeBackAtOnce) {
    arrive(10'000);
    leave(10'000);
    arrive(9'000);
    EXPECT_EQ(trims_in_the_end(), 0);
    leave(9'000);
    EXPECT_EQ(trims_in_the_end(), 1);
}

}  // namespace
}  // namespace parley
