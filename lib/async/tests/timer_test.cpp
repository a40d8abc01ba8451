#include "parley/async/timer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace parley {
namespace {

using std::chrono::milliseconds;

TimerWheel::Clock::time_point fake_now;

struct Recorder {
    explicit Recorder(std::vector<int>& fired_list, int number) : fired(fired_list), id(number) {}
    void fire() { fired.push_back(id); }
    std::vector<int>& fired;
    int id;
    Timer timer{Timer::call<Recorder, &Recorder::fire>, this};
};

class TimerWheelTest : public testing::Test {
protected:
    void pass(milliseconds time) {
        fake_now += time;
        wheel.advance();
    }
    TimerWheel wheel{[] { return fake_now; }};
    std::vector<int> fired;
};

TEST_F(TimerWheelTest, FiresOnceNeverEarlyAndWithinTwoTicks) {
    Recorder recorder(fired, 1);
    recorder.timer.arm(wheel, milliseconds(100));
    pass(milliseconds(99));
    EXPECT_TRUE(fired.empty());
    pass(milliseconds(1) + 2 * TimerWheel::kTick);
    EXPECT_EQ(fired, std::vector{1});
    pass(milliseconds(60000));
    EXPECT_EQ(fired, std::vector{1});
    EXPECT_FALSE(recorder.timer.armed());
}

TEST_F(TimerWheelTest, DeadlineBeyondOneTurnWaitsForItsTurn) {
    Recorder recorder(fired, 1);
    const auto turn = TimerWheel::kTick * TimerWheel::kSlots;
    recorder.timer.arm(wheel, 2 * turn + milliseconds(50));
    for (int i = 0; i < 2; ++i) pass(turn);
    EXPECT_TRUE(fired.empty());
    pass(milliseconds(80));
    EXPECT_EQ(fired, std::vector{1});
}

TEST_F(TimerWheelTest, SleepOverManyTurnsStillFiresEverythingDue) {
    Recorder early(fired, 1);
    Recorder late(fired, 2);
    early.timer.arm(wheel, milliseconds(10));
    late.timer.arm(wheel, milliseconds(25000));
    pass(milliseconds(100000));
    EXPECT_EQ(fired.size(), 2u);
}

TEST_F(TimerWheelTest, CallbackMayDestroyAnotherDueTimer) {
    struct Killer {
        void fire() { victim.reset(); }
        std::unique_ptr<Recorder> victim;
        Timer timer{Timer::call<Killer, &Killer::fire>, this};
    } killer;
    killer.victim = std::make_unique<Recorder>(fired, 1);
    killer.timer.arm(wheel, milliseconds(10));
    killer.victim->timer.arm(wheel, milliseconds(10));
    pass(milliseconds(100));
    EXPECT_TRUE(fired.empty());
}

TEST_F(TimerWheelTest, DelayBeyondTheLongestFiresThenAndNotAtOnce) {
    Recorder recorder(fired, 1);
    recorder.timer.arm(wheel, milliseconds::max());
    pass(milliseconds(60000));
    EXPECT_TRUE(fired.empty());
    pass(Timer::kLongest);
    EXPECT_EQ(fired, std::vector{1});
}

TEST_F(TimerWheelTest, RearmMovesAndCancelForgets) {
    Recorder recorder(fired, 1);
    recorder.timer.arm(wheel, milliseconds(50));
    recorder.timer.arm(wheel, milliseconds(500));
    pass(milliseconds(100));
    EXPECT_TRUE(fired.empty());
    recorder.timer.cancel();
    pass(milliseconds(1000));
    EXPECT_TRUE(fired.empty());
    EXPECT_EQ(wheel.next_due(), std::nullopt);
}

TEST_F(TimerWheelTest, CallbackRearmingItselfForNowDoesNotSpin) {
    struct Repeater {
        explicit Repeater(TimerWheel& w) : wheel(w) {}
        void fire() {
            ++count;
            timer.arm(wheel, milliseconds(0));
        }
        TimerWheel& wheel;
        int count = 0;
        Timer timer{Timer::call<Repeater, &Repeater::fire>, this};
    } repeater(wheel);
    repeater.timer.arm(wheel, milliseconds(0));
    pass(milliseconds(100));
    EXPECT_EQ(repeater.count, 1);
    pass(2 * TimerWheel::kTick);
    EXPECT_EQ(repeater.count, 2);
}

}  // namespace
}  // namespace parley
