#include "chat/values.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

namespace parley::chat {
namespace {

TEST(ObjectId, IsWrittenInLowerCaseAndReadInEither) {
    const std::string hex = "0123456789abcdef01234567";
    ASSERT_TRUE(ObjectId::parse(hex).has_value());
    EXPECT_EQ(ObjectId::parse(hex)->to_hex(), hex);
    EXPECT_EQ(ObjectId::parse("0123456789ABCDEF01234567"), ObjectId::parse(hex));
    EXPECT_EQ(ObjectId::parse(hex)->bytes[0], 0x01);
    EXPECT_EQ(ObjectId::parse(hex)->bytes[11], 0x67);
}

TEST(ObjectId, WhatIsNot24HexDigitsIsNone) {
    for (const auto* text : {"", "0", "0123456789abcdef0123456", "0123456789abcdef012345678", "0123456789abcdef0123456g",
                             "0123456789abcdef 1234567", "__proto__", "undefined", "+123456789abcdef01234567"}) {
        EXPECT_FALSE(ObjectId::parse(text).has_value()) << text;
    }
    EXPECT_FALSE(ObjectId::parse(std::string_view("0123456789abcdef0123456\0", 24)).has_value());
}

std::int64_t seconds_of(const ObjectId& id) {
    return std::int64_t{id.bytes[0]} << 24 | id.bytes[1] << 16 | id.bytes[2] << 8 | id.bytes[3];
}

TEST(ObjectId, BeginsWithTheSecondInWhichItWasMade) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(system_now().time_since_epoch()).count();
    const auto seconds = seconds_of(ObjectId::generate());
    EXPECT_GE(seconds, now);
    EXPECT_LE(seconds, now + 60);
}

TEST(ObjectId, OfOneProcessShareTheirRandomPart) {
    const auto one = ObjectId::generate();
    const auto other = ObjectId::generate();
    EXPECT_TRUE(std::equal(&one.bytes[4], &one.bytes[9], &other.bytes[4]));
    EXPECT_FALSE(std::all_of(&one.bytes[4], &one.bytes[9], [](auto byte) { return byte == 0; }));
}

TEST(ObjectId, GrowsOnOneThread) {
    auto last = ObjectId::generate();
    for (int i = 0; i < 10'000; ++i) {
        const auto next = ObjectId::generate();
        ASSERT_LT(last, next);
        last = next;
    }
}

TEST(ObjectId, IsNeverMadeTwiceByManyThreads) {
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 100'000;
    std::vector<ObjectId> ids(kThreads * kEach);
    std::vector<std::thread> threads;
    std::latch all_started(kThreads);
    for (std::size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&ids, &all_started, t] {
            all_started.arrive_and_wait();
            std::generate_n(ids.begin() + static_cast<std::ptrdiff_t>(t * kEach), kEach, ObjectId::generate);
        });
    }
    for (auto& thread : threads) thread.join();
    std::ranges::sort(ids);
    EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

}  // namespace
}  // namespace parley::chat
