#include "chat/presence.hpp"

#include <gtest/gtest.h>

namespace parley::chat {
namespace {

class PresenceTest : public testing::Test {
protected:
    Presence presence;
    const UserId alice = UserId::generate();
    const UserId bob = UserId::generate();
    const Place here{.node = 0, .loop = 0};
    const Place beside{.node = 0, .loop = 1};
    const Place elsewhere{.node = 1, .loop = 0};
};

TEST_F(PresenceTest, OnlineFromTheFirstSocketToTheLast) {
    EXPECT_TRUE(presence.add(alice, here));
    EXPECT_FALSE(presence.add(alice, here));
    EXPECT_FALSE(presence.add(alice, beside));
    EXPECT_FALSE(presence.remove(alice, here));
    EXPECT_FALSE(presence.remove(alice, beside));
    EXPECT_TRUE(presence.online(alice));
    EXPECT_TRUE(presence.remove(alice, here));
    EXPECT_FALSE(presence.online(alice));
}

TEST_F(PresenceTest, RemovingWhatWasNeverAddedChangesNothing) {
    presence.add(alice, here);
    EXPECT_FALSE(presence.remove(bob, here));
    EXPECT_FALSE(presence.remove(alice, beside));
    EXPECT_TRUE(presence.online(alice));
}

TEST_F(PresenceTest, ListIsInOrderOfComingOnline) {
    presence.add(bob, here);
    presence.add(alice, here);
    presence.add(bob, beside);
    EXPECT_EQ(presence.online_users(), (std::vector{bob, alice}));
    presence.remove(bob, here);
    presence.remove(bob, beside);
    presence.add(bob, here);
    EXPECT_EQ(presence.online_users(), (std::vector{alice, bob}));
}

TEST_F(PresenceTest, LostNodeTakesItsSocketsAlongAndNoOthers) {
    presence.add(alice, elsewhere);
    presence.add(bob, elsewhere);
    presence.add(bob, here);
    EXPECT_TRUE(presence.remove_node(elsewhere.node));
    EXPECT_EQ(presence.online_users(), std::vector{bob});
    EXPECT_FALSE(presence.remove_node(elsewhere.node));
}

}  // namespace
}  // namespace parley::chat
