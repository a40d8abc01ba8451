#include "storage/sqlite/conversation_versions.hpp"

#include <gtest/gtest.h>

namespace parley::storage::sqlite {
namespace {

class ConversationVersionsTest : public testing::Test {
protected:
    static chat::Pair new_pair() { return chat::Pair::of(chat::UserId::generate(), chat::UserId::generate()); }
    // The last seq that is known, or -1.
    std::int64_t known(const chat::Pair& of) {
        const auto version = versions.find(of);
        return version ? version->last_seq : -1;
    }

    ConversationVersions versions;
    const chat::Pair pair = new_pair();
};

TEST_F(ConversationVersionsTest, WhatWasReadIsKeptAndFollowsTheCommits) {
    EXPECT_EQ(known(pair), -1);
    versions.put(versions.ticket(pair), pair, {1, 5});
    EXPECT_EQ(known(pair), 5);
    versions.committed(pair, {1, 6});
    EXPECT_EQ(known(pair), 6);
}

TEST_F(ConversationVersionsTest, WhatWasReadBeforeACommitIsNotBelieved) {
    const auto ticket = versions.ticket(pair);
    versions.committed(pair, {1, 6});
    versions.put(ticket, pair, {1, 5});
    EXPECT_EQ(known(pair), -1);
}

TEST_F(ConversationVersionsTest, TheLaterOfTwoReadersChangesNothing) {
    const auto first = versions.ticket(pair);
    versions.put(first, pair, {1, 5});
    versions.committed(pair, {1, 6});
    versions.put(versions.ticket(pair), pair, {1, 6});
    EXPECT_EQ(known(pair), 6);
}

TEST_F(ConversationVersionsTest, IsBounded) {
    constexpr auto kMost = ConversationVersions::kShards * ConversationVersions::kPerShard;
    std::vector<chat::Pair> pairs;
    for (std::size_t i = 0; i < 2 * kMost; ++i) {
        pairs.push_back(new_pair());
        versions.put(versions.ticket(pairs.back()), pairs.back(), {1, 1});
    }
    std::size_t kept = 0;
    for (const chat::Pair& each : pairs) kept += known(each) == 1;
    EXPECT_LE(kept, kMost);
    EXPECT_EQ(known(pairs.back()), 1);
}

}  // namespace
}  // namespace parley::storage::sqlite
