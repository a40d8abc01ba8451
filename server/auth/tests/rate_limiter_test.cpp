#include "auth/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

RateLimiter::Clock::time_point fake_now;

RateLimiter::Clock::time_point read_fake_now() {
    return fake_now;
}

class RateLimiterTest : public testing::Test {
protected:
    RateLimiterTest() { fake_now = RateLimiter::Clock::time_point(std::chrono::hours(1000)); }

    static void pass(milliseconds time) { fake_now += time; }
    // How many of `attempts` log-ins are let through.
    int guess(int attempts, const std::string& account, const std::string& address, bool known = false) {
        int admitted = 0;
        for (int i = 0; i < attempts; ++i) admitted += limiter.begin_log_in(account, address, known) ? 0 : 1;
        return admitted;
    }

    RateLimiter limiter{RateLimits{}, read_fake_now};
};

TEST_F(RateLimiterTest, TwentyAuthCallsAtOnceThenOneEveryTwoSeconds) {
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(limiter.admit_auth_call("a")) << i;
    EXPECT_EQ(limiter.admit_auth_call("a"), seconds(2));
    pass(milliseconds(1900));
    EXPECT_EQ(limiter.admit_auth_call("a"), seconds(1));
    pass(milliseconds(200));
    EXPECT_FALSE(limiter.admit_auth_call("a"));
    EXPECT_TRUE(limiter.admit_auth_call("a"));
}

TEST_F(RateLimiterTest, ABucketNeverHoldsMoreThanItsBurst) {
    EXPECT_FALSE(limiter.admit_auth_call("a"));
    pass(std::chrono::hours(24));
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(limiter.admit_auth_call("a")) << i;
    EXPECT_TRUE(limiter.admit_auth_call("a"));
}

TEST_F(RateLimiterTest, AddressesAndLimitsAreCountedApart) {
    for (int i = 0; i < 21; ++i) limiter.admit_auth_call("a");
    EXPECT_TRUE(limiter.admit_auth_call("a"));
    EXPECT_FALSE(limiter.admit_auth_call("b"));
    EXPECT_FALSE(limiter.admit_sign_up("a"));
    EXPECT_FALSE(limiter.admit_send("a"));
}

TEST_F(RateLimiterTest, AHundredSendsAtOnceThenTwentyASecond) {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.admit_send("u")) << i;
    EXPECT_EQ(limiter.admit_send("u"), seconds(1));
    pass(seconds(1));
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(limiter.admit_send("u")) << i;
    EXPECT_TRUE(limiter.admit_send("u"));
}

TEST_F(RateLimiterTest, MarksAreLimitedLikeSendsAndApartFromThem) {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.admit_mark("u")) << i;
    EXPECT_TRUE(limiter.admit_mark("u"));
    EXPECT_FALSE(limiter.admit_send("u"));
    EXPECT_FALSE(limiter.admit_mark("v"));
}

TEST_F(RateLimiterTest, SixtySignUpsAnHour) {
    for (int i = 0; i < 60; ++i) EXPECT_FALSE(limiter.admit_sign_up("a")) << i;
    EXPECT_EQ(limiter.admit_sign_up("a"), seconds(60));
}

TEST_F(RateLimiterTest, TenFailuresInAnyFifteenMinutes) {
    EXPECT_EQ(guess(5, "alice", "a"), 5);
    pass(minutes(10));
    EXPECT_EQ(guess(10, "alice", "a"), 5);
    EXPECT_EQ(limiter.begin_log_in("alice", "a", false), seconds(300));
    // The first five leave the window, the others stay.
    pass(minutes(5));
    EXPECT_EQ(guess(10, "alice", "a"), 5);
}

TEST_F(RateLimiterTest, FailuresAreCountedPerAccountAndAddress) {
    EXPECT_EQ(guess(11, "alice", "a"), 10);
    EXPECT_EQ(guess(11, "alice", "b"), 10);
    EXPECT_EQ(guess(11, "bob", "a"), 10);
}

TEST_F(RateLimiterTest, ALogInThatSucceededDoesNotCount) {
    for (int i = 0; i < 50; ++i) {
        EXPECT_FALSE(limiter.begin_log_in("alice", "a", false)) << i;
        limiter.forgive("alice", "a");
    }
    EXPECT_EQ(guess(11, "alice", "a"), 10);
}

TEST_F(RateLimiterTest, AttemptsUnderWayCountAsFailures) {
    EXPECT_EQ(guess(30, "alice", "a"), 10);
    limiter.forgive("alice", "a");
    EXPECT_EQ(guess(30, "alice", "a"), 1);
}

TEST_F(RateLimiterTest, AfterAHundredFailuresOnlyKnownAddressesPass) {
    for (int address = 0; address < 10; ++address) EXPECT_EQ(guess(10, "alice", std::to_string(address)), 10);
    EXPECT_TRUE(limiter.is_exhausted("alice"));
    EXPECT_FALSE(limiter.is_exhausted("bob"));
    EXPECT_EQ(guess(1, "alice", "fresh"), 0);
    EXPECT_EQ(limiter.begin_log_in("alice", "fresh", false), seconds(3600));
    // The victim is not locked out, but may not guess for ever either.
    EXPECT_EQ(guess(20, "alice", "home", true), 10);
    pass(minutes(60));
    EXPECT_FALSE(limiter.is_exhausted("alice"));
    EXPECT_EQ(guess(1, "alice", "fresh"), 1);
}

TEST_F(RateLimiterTest, ARefusedAttemptIsNoAttempt) {
    for (int address = 0; address < 10; ++address) guess(10, "alice", std::to_string(address));
    pass(minutes(50));
    EXPECT_EQ(guess(50, "alice", "fresh"), 0);
    pass(minutes(10));
    // None of the fifty counts: ten minutes later the address has its ten.
    EXPECT_EQ(guess(20, "alice", "fresh"), 10);
}

TEST_F(RateLimiterTest, OffMeansOff) {
    RateLimiter off(RateLimits{.enabled = false}, read_fake_now);
    for (int i = 0; i < 200; ++i) {
        EXPECT_FALSE(off.admit_auth_call("a"));
        EXPECT_FALSE(off.admit_send("a"));
        EXPECT_FALSE(off.begin_log_in("alice", "a", false));
    }
}

}  // namespace
}  // namespace parley::auth
