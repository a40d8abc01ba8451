#include "api/history_cache.hpp"

#include <gtest/gtest.h>

namespace parley::api {
namespace {

class HistoryCacheTest : public testing::Test {
protected:
    // What is kept of `one` and `other` in version "v"; "" if nothing.
    std::string kept(chat::UserId one, chat::UserId other, const std::string& version = "v") {
        const auto json = cache.find(one, other, version);
        return json ? *json : "";
    }
    void keep(chat::UserId one, chat::UserId other, std::string json) { cache.put(one, other, "v", share(std::move(json))); }

    HistoryCache cache{3000};
    const chat::UserId alice = chat::UserId::generate();
    const chat::UserId bob = chat::UserId::generate();
    const chat::UserId carol = chat::UserId::generate();
};

TEST_F(HistoryCacheTest, BothPeopleGetTheSame) {
    keep(alice, bob, "[1]");
    EXPECT_EQ(kept(alice, bob), "[1]");
    EXPECT_EQ(kept(bob, alice), "[1]");
    EXPECT_EQ(kept(alice, carol), "");
    EXPECT_EQ(kept(alice, alice), "");
}

TEST_F(HistoryCacheTest, AnotherVersionIsNotThere) {
    keep(alice, bob, "[1]");
    EXPECT_EQ(kept(alice, bob, "w"), "");
    cache.put(alice, bob, "w", share("[1,2]"));
    EXPECT_EQ(kept(alice, bob, "w"), "[1,2]");
    EXPECT_EQ(kept(alice, bob), "");
}

TEST_F(HistoryCacheTest, WhatWasAskedForLongestAgoGoesFirst) {
    keep(alice, bob, std::string(1000, '1'));
    keep(alice, carol, std::string(1000, '2'));
    EXPECT_NE(kept(alice, bob), "");
    keep(bob, carol, std::string(1000, '3'));
    EXPECT_EQ(kept(alice, carol), "");
    EXPECT_NE(kept(alice, bob), "");
    EXPECT_NE(kept(bob, carol), "");
}

TEST_F(HistoryCacheTest, ReplacingFreesWhatWasThere) {
    for (int i = 0; i < 100; ++i) keep(alice, bob, std::string(2000, 'x'));
    EXPECT_EQ(kept(alice, bob).size(), 2000U);
}

TEST_F(HistoryCacheTest, WhatIsTooLongIsNotKept) {
    keep(alice, bob, std::string(4000, 'x'));
    EXPECT_EQ(kept(alice, bob), "");
    keep(alice, carol, "[1]");
    EXPECT_EQ(kept(alice, carol), "[1]");
}

}  // namespace
}  // namespace parley::api
