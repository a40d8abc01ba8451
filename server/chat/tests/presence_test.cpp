#include "chat/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace parley::chat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PresenceTest : public testing::Test {
protected:
    Presence presence;
    const UserId alice = UserId::generate();
    const UserId bob = UserId::generate();
    const UserId carol = UserId::generate();
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

TEST_F(PresenceTest, TheLastTakesThePlaceOfOneWhoLeaves) {
    for (const UserId& user : {alice, bob, carol}) presence.add(user, here);
    presence.add(alice, beside);
    EXPECT_THAT(presence.online_users(), ElementsAre(alice, bob, carol));
    presence.remove(alice, here);
    presence.remove(alice, beside);
    EXPECT_THAT(presence.online_users(), ElementsAre(carol, bob));
    presence.remove(bob, here);
    EXPECT_THAT(presence.online_users(), ElementsAre(carol));
    presence.add(alice, here);
    EXPECT_THAT(presence.online_users(), ElementsAre(carol, alice));
    presence.remove(carol, here);
    presence.remove(alice, here);
    EXPECT_THAT(presence.online_users(), IsEmpty());
}

TEST_F(PresenceTest, LostNodeTakesItsSocketsAlongAndNoOthers) {
    presence.add(alice, elsewhere);
    presence.add(bob, elsewhere);
    presence.add(carol, elsewhere);
    presence.add(bob, here);
    EXPECT_TRUE(presence.remove_node(elsewhere.node));
    EXPECT_THAT(presence.online_users(), ElementsAre(bob));
    EXPECT_FALSE(presence.remove_node(elsewhere.node));
}

}  // namespace
}  // namespace parley::chat
