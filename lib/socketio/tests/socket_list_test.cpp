#include "socket_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SocketListTest : public CoreTest {
protected:
    SocketListTest() {
        create();
        for (const char* nsp : {"/a", "/b", "/c"}) {
            of(nsp).on_disconnect([this](Socket& socket, DisconnectReason) { left.add(socket.nsp()); });
        }
    }
    Notes<> left;
};

TEST_F(SocketListTest, EachLeavesByItselfAndTheOthersStay) {
    for (const std::string first : {"/a", "/b", "/c"}) {
        FakeSession& client = enter(0, "0/a,");
        receive(client, "0/b,");
        receive(client, "0/c,");
        sent(client);
        receive(client, "1" + first + ",");
        EXPECT_THAT(left.take(), ElementsAre(first));
        receive(client, "0" + first + ",");
        EXPECT_THAT(sent(client), ElementsAre(testing::StartsWith("0" + first + ",{"))) << "it may come again";
        lose(client);
        settle();
        EXPECT_THAT(left.take(), testing::UnorderedElementsAre("/a", "/b", "/c"));
    }
}

TEST_F(SocketListTest, TheLastToComeIsTheFirstToEnd) {
    FakeSession& client = enter(0, "0/c,");
    receive(client, "0/a,");
    receive(client, "0/b,");
    lose(client);
    settle();
    EXPECT_THAT(left.take(), ElementsAre("/b", "/a", "/c"));
}

TEST_F(SocketListTest, WhenAllHaveLeftItIsEmpty) {
    FakeSession& client = enter(0, "0/a,");
    receive(client, "0/b,");
    receive(client, "1/a,");
    receive(client, "1/b,");
    EXPECT_THAT(left.take(), ElementsAre("/a", "/b"));
    lose(client);
    settle();
    EXPECT_THAT(left.take(), IsEmpty());
}

}  // namespace
}  // namespace parley::socketio
