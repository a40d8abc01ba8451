#include "chat/user_cache.hpp"

#include <gtest/gtest.h>

namespace parley::chat {
namespace {

using std::chrono::seconds;

UserCache::SteadyClock::time_point hand;

UserCache::SteadyClock::time_point read_hand() {
    return hand;
}

User user_named(const std::string& name) {
    User user;
    user.id = UserId::generate();
    user.username = name;
    return user;
}

TEST(UserCache, AnEntryIsBelievedForItsTime) {
    UserCache cache(10, seconds(5), read_hand);
    const auto alice = user_named("alice");
    EXPECT_FALSE(cache.find(alice.id).has_value());
    cache.put(cache.ticket(), alice);
    hand += std::chrono::milliseconds(4999);
    ASSERT_TRUE(cache.find(alice.id).has_value());
    EXPECT_EQ(cache.find(alice.id)->username, "alice");
    hand += std::chrono::milliseconds(1);
    EXPECT_FALSE(cache.find(alice.id).has_value());
    cache.put(cache.ticket(), alice);
    EXPECT_TRUE(cache.find(alice.id).has_value());
}

TEST(UserCache, WhatIsForgottenIsGoneFromBothGenerations) {
    UserCache cache(2, seconds(5), read_hand);
    const auto old = user_named("old");
    const auto young = user_named("young");
    cache.put(cache.ticket(), old);
    cache.put(cache.ticket(), young);
    ASSERT_TRUE(cache.find(old.id) && cache.find(young.id));
    cache.forget(old.id);
    cache.forget(young.id);
    EXPECT_FALSE(cache.find(old.id) || cache.find(young.id));
}

TEST(UserCache, AValueReadBeforeItsUserWasForgottenDoesNotGoIn) {
    UserCache cache(10, seconds(5), read_hand);
    const auto alice = user_named("alice");
    const auto ticket = cache.ticket();
    cache.forget(alice.id);
    cache.put(ticket, alice);
    EXPECT_FALSE(cache.find(alice.id).has_value());
}

TEST(UserCache, HoldsAtMostItsNumberOfUsersTheLatest) {
    UserCache cache(100, seconds(5), read_hand);
    std::vector<User> users;
    for (int i = 0; i < 1000; ++i) {
        users.push_back(user_named(std::to_string(i)));
        cache.put(cache.ticket(), users.back());
    }
    std::size_t held = 0;
    for (const auto& user : users) held += cache.find(user.id) ? 1 : 0;
    EXPECT_LE(held, 100u);
    for (std::size_t i = 950; i < 1000; ++i) EXPECT_TRUE(cache.find(users[i].id).has_value()) << i;
}

TEST(UserCache, ANewerReadingReplacesAnOlderOneInTheOldGeneration) {
    UserCache cache(2, seconds(5), read_hand);
    auto alice = user_named("alice");
    cache.put(cache.ticket(), alice);
    cache.put(cache.ticket(), user_named("bob"));
    alice.full_name = "renamed";
    cache.put(cache.ticket(), alice);
    ASSERT_TRUE(cache.find(alice.id).has_value());
    EXPECT_EQ(cache.find(alice.id)->full_name, "renamed");
}

}  // namespace
}  // namespace parley::chat
