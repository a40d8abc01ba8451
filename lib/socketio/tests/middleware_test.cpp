// Who may come in: middleware that answers at once, later, from elsewhere, or never.
#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class MiddlewareTest : public CoreTest {
protected:
    // A middleware that keeps its Next.
    Middleware holding() {
        return [this](Socket& socket, Next next) {
            held = std::move(next);
            holder = &socket;
        };
    }
    std::optional<Next> held;
    Socket* holder = nullptr;
    Notes<> notes;
};

TEST_F(MiddlewareTest, TheyRunInOrderAndTheFirstRefusalIsTheLastWord) {
    create();
    root().use([&](Socket&, const Next& next) {
        notes.add("first");
        next();
    });
    root().use([&](Socket&, const Next& next) {
        notes.add("second");
        next.refuse({"closed today", Object{{"until", 9}}});
    });
    root().use([&](Socket&, const Next& next) {
        notes.add("third");
        next();
    });
    root().on_connection([&](Socket&) { notes.add("connection"); });
    FakeSession& client = open(0);
    EXPECT_THAT(sent(client), ElementsAre(R"(4{"message":"closed today","data":{"until":9}})"));
    EXPECT_THAT(notes.take(), ElementsAre("first", "second"));
    EXPECT_EQ(hub->sockets(), 0u);
    EXPECT_TRUE(is_open(client));
}

TEST_F(MiddlewareTest, ASocketOnItsWayIsNotConnectedAndWhatItEmitsGoesNowhere) {
    create();
    root().use([&](Socket& socket, const Next& next) {
        EXPECT_FALSE(socket.connected());
        EXPECT_EQ(socket.nsp(), "/");
        EXPECT_EQ(socket.query("userId"), "a b");
        EXPECT_EQ(socket.id().size(), 20u);
        socket.emit("too early");
        socket.join("garden");
        EXPECT_THAT(socket.rooms(), IsEmpty());
        socket.disconnect();
        socket.context() = 5;
        notes.add(socket.id());
        next();
    });
    root().on_connection([&](Socket& socket) {
        EXPECT_TRUE(socket.connected());
        EXPECT_EQ(std::any_cast<int>(socket.context()), 5) << "but it is the same socket";
        notes.add(socket.id());
    });
    FakeSession& client = open(0);
    const Sent answers = sent(client);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_THAT(notes.take(), ElementsAre(id_of(answers[0]), id_of(answers[0])));
    root().to("garden").emit("nobody is there");
    EXPECT_THAT(sent(client), IsEmpty());
}

TEST_F(MiddlewareTest, BroadcastsDoNotReachWhoIsOnTheWay) {
    create();
    root().use(holding());
    FakeSession& client = open(0);
    root().emit("not yet");
    EXPECT_EQ(root().sockets(), 0u);
    (*held)();
    settle();
    root().emit("now");
    EXPECT_THAT(sent(client), ElementsAre(StartsWith("0{"), R"(2["now"])"));
}

TEST_F(MiddlewareTest, AnAnswerFromAnotherThreadIsAsGood) {
    create();
    root().use(holding());
    root().on_connection([&](Socket& socket) { notes.add(socket.loop().is_current() ? "its loop" : "another"); });
    FakeSession& passes = open(1);
    std::thread([next = *std::exchange(held, std::nullopt)] { next(); }).join();
    EXPECT_THAT(sent(passes), ElementsAre(StartsWith("0{")));
    FakeSession& refused = open(1);
    std::thread([next = *std::exchange(held, std::nullopt)] { next.refuse({"no", {}}); }).join();
    EXPECT_THAT(sent(refused), ElementsAre(R"(4{"message":"no"})"));
    EXPECT_THAT(notes.take(), ElementsAre("its loop"));
}

TEST_F(MiddlewareTest, AnEventRightBehindTheAnswerReachesTheRoomThatIsJoinedOnConnection) {
    create();
    root().use(holding());
    root().on_connection([&](Socket& socket) { socket.join("room"); });
    FakeSession& client = open(1);
    std::promise<void> busy;
    loops[1].post([until = busy.get_future().share()] { until.wait(); });
    (*std::exchange(held, std::nullopt))();
    root().to("room").emit("hello");
    busy.set_value();
    EXPECT_THAT(sent(client), ElementsAre(StartsWith("0{"), R"(2["hello"])"));
}

TEST_F(MiddlewareTest, OnlyTheFirstAnswerCounts) {
    create();
    root().use(holding());
    root().on_connection([&](Socket&) { notes.add("connection"); });
    FakeSession& first = open(0);
    (*held)();
    (*held)();
    held->refuse({"too late", {}});
    EXPECT_THAT(sent(first), ElementsAre(StartsWith("0{")));
    FakeSession& second = open(0);
    held->refuse({"no", {}});
    (*held)();
    held->refuse({"no again", {}});
    EXPECT_THAT(sent(second), ElementsAre(R"(4{"message":"no"})"));
    EXPECT_THAT(notes.take(), ElementsAre("connection"));
}

TEST_F(MiddlewareTest, OfManyThreadsThatAnswerAtOnceOneDoes) {
    create();
    root().use(holding());
    root().on_connection([&](Socket&) { notes.add("connection"); });
    for (int round = 0; round < 50; ++round) {
        FakeSession& client = open(static_cast<std::size_t>(round % 2));
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) threads.emplace_back([next = *held] { next(); });
        for (auto& thread : threads) thread.join();
        held.reset();
        EXPECT_EQ(sent(client).size(), 1u);
    }
    EXPECT_EQ(notes.take().size(), 50u);
}

TEST_F(MiddlewareTest, GivenUpUnansweredItRefuses) {
    create();
    root().use([](Socket&, const Next&) {});
    FakeSession& client = open(0);
    EXPECT_THAT(sent(client), ElementsAre(R"(4{"message":"the server gave no answer"})"));
    EXPECT_TRUE(is_open(client));
}

TEST_F(MiddlewareTest, WhatThrowsRefuses) {
    create();
    root().use([](Socket&, const Next&) { throw std::runtime_error("database down"); });
    EXPECT_THAT(sent(open(0)), ElementsAre(R"(4{"message":"the server gave no answer"})")) << "the reason is not the client's business";
}

TEST_F(MiddlewareTest, AClientThatLeavesMeanwhileHasNeverBeenThere) {
    create();
    root().use(holding());
    root().on_connection([&](Socket&) { notes.add("connection"); });
    root().on_disconnecting([&](Socket&, DisconnectReason) { notes.add("disconnecting"); });
    root().on_disconnect([&](Socket&, DisconnectReason) { notes.add("disconnect"); });
    FakeSession& client = open(0);
    lose(client);
    on(client, [&] {
        EXPECT_FALSE(holder->connected()) << "its middleware may still look at it";
        EXPECT_EQ(holder->id().size(), 20u);
        EXPECT_EQ(holder->query("userId"), "");
        (*held)();
    });
    settle();
    EXPECT_THAT(notes.take(), IsEmpty());
    EXPECT_EQ(hub->sockets(), 0u);
    EXPECT_THAT(sent(client), IsEmpty());
}

TEST_F(MiddlewareTest, AskingTwiceWhileOnTheWayIsOutOfOrder) {
    create();
    root().use(holding());
    FakeSession& client = open(0);
    receive(client, "0");
    EXPECT_FALSE(is_open(client));
}

TEST_F(MiddlewareTest, EventsBeforeTheAnswerAreOutOfOrder) {
    create();
    root().use(holding());
    FakeSession& client = open(0);
    receive(client, R"(2["hello"])");
    EXPECT_FALSE(is_open(client));
}

TEST_F(MiddlewareTest, OneNamespaceWaitsAndTheOtherDoesNot) {
    create();
    of("/slow").use(holding());
    FakeSession& client = open(0);
    receive(client, "0/slow,");
    EXPECT_THAT(sent(client), ElementsAre(StartsWith("0{")));
    (*held)();
    EXPECT_THAT(sent(client), ElementsAre(StartsWith("0/slow,{")));
}

TEST_F(MiddlewareTest, AMiddlewareMayEndTheSessionThatItIsAskedAbout) {
    create();
    FakeSession* client = nullptr;
    root().use([&](Socket&, const Next& next) {
        client->end(engineio::CloseReason::TransportClose);
        next();
    });
    root().on_connection([&](Socket&) { notes.add("connection"); });
    client = &open(0, "");
    receive(*client, "0");
    EXPECT_THAT(sent(*client), IsEmpty());
    EXPECT_THAT(notes.take(), IsEmpty());
    EXPECT_EQ(hub->sockets(), 0u);
}

}  // namespace
}  // namespace parley::socketio
