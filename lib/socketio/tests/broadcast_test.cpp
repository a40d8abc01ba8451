// Many sockets on two loops: rooms, exceptions, order, and receivers that end while a broadcast is on its way.
#include <gmock/gmock.h>

#include <atomic>

#include "hub_fixture.hpp"

namespace parley::socketio {
namespace {

class BroadcastTest : public HubTest {
protected:
    struct Peer {
        std::size_t loop;
        std::unique_ptr<FakeSession> session;
        Socket* socket = nullptr;
        SocketHandle handle;
    };

    BroadcastTest() {
        on_connection([this](Socket& socket) { connected[socket.loop().index()] = &socket; });
        start();
    }
    ~BroadcastTest() override {
        for (Peer& peer : peers) run(peer.loop, [&peer] { peer.session.reset(); });
    }

    // Peers alternate between the loops.
    void add_peers(std::size_t count, const std::vector<std::string>& rooms = {}) {
        for (std::size_t i = 0; i < count; ++i) {
            Peer peer{peers.size() % 2, nullptr, nullptr, {}};
            run(peer.loop, [&] {
                peer.session = connect(peer.loop);
                peer.socket = connected[peer.loop];
                peer.handle = peer.socket->handle();
                for (const std::string& room : rooms) peer.socket->join(room);
            });
            peers.push_back(std::move(peer));
        }
    }

    Sent sent_to(std::size_t peer) {
        settle();
        Sent sent;
        run(peers[peer].loop, [&] { sent = peers[peer].session->take_sent(); });
        return sent;
    }
    std::vector<std::size_t> receivers() {
        std::vector<std::size_t> those;
        for (std::size_t i = 0; i < peers.size(); ++i) {
            if (sent_to(i).size() == 1) those.push_back(i);
        }
        return those;
    }
    void run_on(std::size_t peer, std::function<void(Socket&)> function) {
        run(peers[peer].loop, [&] { function(*peers[peer].socket); });
    }

    Socket* connected[2] = {};
    std::vector<Peer> peers;
};

using Receivers = std::vector<std::size_t>;

TEST_F(BroadcastTest, EachInCallsForTheRoomsSocketsOnTheirLoopsThoughSomeGoMeanwhile) {
    add_peers(4, {"a"});
    add_peers(2);
    std::atomic<int> called = 0;
    std::atomic<int> elsewhere = 0;
    hub.default_namespace().each_in("a", [&](Socket& socket) {
        ++called;
        if (!socket.loop().is_current()) ++elsewhere;
        socket.disconnect();  // one less in the room that is being walked
    });
    settle();
    EXPECT_EQ(called, 4);
    EXPECT_EQ(elsewhere, 0);
    hub.default_namespace().each_in("a", [&](Socket&) { ++called; });
    settle();
    EXPECT_EQ(called, 4);
}

TEST_F(BroadcastTest, ReachesThoseItNamesOnEveryLoop) {
    add_peers(2, {"a"});
    add_peers(2, {"a", "b"});
    add_peers(2, {"b"});
    add_peers(2);
    everybody().emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{0, 1, 2, 3, 4, 5, 6, 7}));
    everybody().to("a").emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{0, 1, 2, 3}));
    everybody().to("a").to("b").emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{0, 1, 2, 3, 4, 5})) << "each once";
    everybody().to("a").except("b").emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{0, 1}));
    everybody().except("a").emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{4, 5, 6, 7}));
    everybody().to("nobody's").emit("x", {});
    EXPECT_EQ(receivers(), Receivers{});
}

TEST_F(BroadcastTest, ASocketsIdIsARoomOfItsOwn) {
    add_peers(4, {"a"});
    everybody().to(peers[1].socket->id()).emit("x", {});
    EXPECT_EQ(receivers(), Receivers{1});
    everybody().to("a").except(peers[2].socket->id()).emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{0, 1, 3}));
    run_on(0, [](Socket& socket) { socket.broadcast().emit("x", {}); });
    EXPECT_EQ(receivers(), (Receivers{1, 2, 3}));
    run_on(0, [](Socket& socket) { socket.join(socket.id()); });
    everybody().to(peers[0].socket->id()).emit("x", {});
    EXPECT_EQ(receivers(), Receivers{0}) << "once, though it is in a room of that name as well";
}

TEST_F(BroadcastTest, AllFormsOfEmitSendTheSame) {
    add_peers(1);
    const Arguments arguments{1, Object{{"a", "b"}}};
    everybody().emit("x", arguments);
    everybody().emit_json("x", R"(1,{"a":"b"})");
    peers[0].handle.emit("x", arguments);
    peers[0].handle.emit_json("x", R"(1,{"a":"b"})");
    run_on(0, [&](Socket& socket) {
        socket.emit("x", arguments);
        socket.emit_json("x", R"(1,{"a":"b"})");
    });
    EXPECT_EQ(sent_to(0), Sent(6, R"(2["x",1,{"a":"b"}])"));
    everybody().emit("x", Bytes{"z"});
    EXPECT_EQ(sent_to(0), (Sent{R"(51-["x",{"_placeholder":true,"num":0}])", "binary:z"}));
}

TEST_F(BroadcastTest, LatestValuesOfOneEventShareAChannel) {
    add_peers(1);
    everybody().emit_latest_json("online", "[1]");
    everybody().emit_latest_json("other", "1");
    run_on(0, [](Socket& socket) { socket.emit_latest_json("online", "[2]"); });
    EXPECT_EQ(sent_to(0), (Sent{R"(latest 0:2["online",[1]])", R"(latest 1:2["other",1])", R"(latest 0:2["online",[2]])"}));
}

TEST_F(BroadcastTest, WhatOneLoopEmitsArrivesInOrder) {
    add_peers(2, {"room"});
    Sent expected;
    for (int i = 0; i < 300; i += 3) {
        run_on(0, [&](Socket& socket) {
            everybody().to("room").emit("n", i);
            socket.emit("n", i + 1);
            peers[0].handle.emit("n", i + 2);
            peers[1].handle.emit("n", i + 1);
            everybody().to("room").except(socket.id()).emit("n", i + 2);
        });
    }
    for (int i = 0; i < 300; ++i) expected.push_back("2[\"n\"," + std::to_string(i) + "]");
    EXPECT_EQ(sent_to(0), expected);
    EXPECT_EQ(sent_to(1), expected);
}

TEST_F(BroadcastTest, WhatAnotherThreadEmitsArrivesInOrder) {
    add_peers(2, {"room"});
    Sent expected;
    for (int i = 0; i < 300; i += 2) {
        everybody().to("room").emit("n", i);
        for (const Peer& peer : peers) peer.handle.emit("n", i + 1);
    }
    for (int i = 0; i < 300; ++i) expected.push_back("2[\"n\"," + std::to_string(i) + "]");
    EXPECT_EQ(sent_to(0), expected);
    EXPECT_EQ(sent_to(1), expected);
}

TEST_F(BroadcastTest, SocketsJoinAndLeaveFromAfar) {
    add_peers(4);
    peers[0].handle.join("a");
    peers[1].handle.join("a");
    settle();
    everybody().to("a").sockets_join("b");
    everybody().except("b").sockets_join("c");
    everybody().to("b").emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{0, 1}));
    everybody().to("c").emit("x", {});
    EXPECT_EQ(receivers(), (Receivers{2, 3}));
    peers[0].handle.leave("b");
    everybody().to("c").sockets_leave("c");
    settle();
    everybody().to("b").to("c").emit("x", {});
    EXPECT_EQ(receivers(), Receivers{1});
}

TEST_F(BroadcastTest, DisconnectSocketsSendsAPacketToEach) {
    add_peers(2, {"a"});
    add_peers(2);
    everybody().to("a").disconnect_sockets(true);
    peers[2].handle.disconnect();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(sent_to(i), Sent{"1"});
    settle();
    run(0, [&] {
        EXPECT_FALSE(peers[0].session->open());
        EXPECT_TRUE(peers[2].session->open());
    });
    EXPECT_EQ(hub.sockets(), 1u);
}

TEST_F(BroadcastTest, ASocketThatHasGoneIsNotMistakenForItsSuccessor) {
    add_peers(1);
    const SocketHandle old = peers[0].handle;
    run(0, [&] {
        peers[0].session->receive("1");
        peers[0].session->receive("0");
        peers[0].session->take_sent();
    });
    old.emit("x", {});
    old.disconnect();
    EXPECT_EQ(sent_to(0), Sent{});
    EXPECT_EQ(hub.sockets(), 1u);
}

TEST_F(BroadcastTest, AReceiverThatOverflowsDoesNotDisturbTheOthers) {
    add_peers(6, {"a"});
    run(0, [&] {
        peers[2].session->overflow_next();
        everybody().to("a").emit("x", {});
    });
    EXPECT_EQ(receivers(), (Receivers{0, 1, 3, 4, 5}));
    EXPECT_EQ(hub.sockets(), 5u);
}

TEST_F(BroadcastTest, ADisconnectHandlerMayBroadcastToTheRoomBeingServed) {
    add_peers(6, {"a"});
    run_on(0, [&](Socket& socket) {
        socket.on_disconnect([&](DisconnectReason) {
            everybody().to("a").emit("left", {});
            peers[2].socket->disconnect();
        });
        peers[0].session->overflow_next();
        everybody().to("a").emit("x", {});
    });
    EXPECT_EQ(sent_to(0), Sent{});
    EXPECT_EQ(sent_to(2), (Sent{R"(2["left"])", "1"}));
    EXPECT_THAT(sent_to(4), testing::UnorderedElementsAre(R"(2["left"])", R"(2["x"])"));
    EXPECT_THAT(sent_to(1), testing::UnorderedElementsAre(R"(2["left"])", R"(2["x"])"));
}

TEST_F(BroadcastTest, CountersAddUpOverLoops) {
    add_peers(3);
    EXPECT_EQ(hub.sockets(), 3u);
    EXPECT_EQ(hub.sum(&LoopState::packets_in), 3u);
    EXPECT_EQ(hub.sum(&LoopState::packets_out), 3u);
    everybody().emit("x", {});
    settle();
    EXPECT_EQ(hub.sum(&LoopState::packets_out), 6u);
}

// An adapter of another kind sees every operation before this process does.
TEST(Adapter, GetsEveryOperationAsAValue) {
    struct Recorder final : Adapter {
        explicit Recorder(std::vector<Operation>& list) : operations(list) {}
        void publish(Operation operation, std::shared_ptr<AnswerSink>) override { operations.push_back(std::move(operation)); }
        std::size_t servers() const override { return 1; }
        std::vector<Operation>& operations;
    };
    std::vector<Operation> seen;
    LoopGroup loops(1);
    Hub hub(loops, HubOptions{.connect_timeout = std::chrono::seconds(1)},
            [&](const Adapter::Deliver&) { return std::make_unique<Recorder>(seen); });
    Broadcast(hub.default_namespace().pointer()).to("a").to("b").except("c").emit("x", {1, Bytes{"z"}});
    Broadcast(hub.default_namespace().pointer()).emit_latest_json("online", "[]");
    Broadcast(hub.default_namespace().pointer()).sockets_join("r");
    Broadcast(hub.default_namespace().pointer()).disconnect_sockets(true);
    ASSERT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen[0].nsp, "/");
    EXPECT_EQ(seen[0].rooms, (Sent{"a", "b"}));
    EXPECT_EQ(seen[0].except, Sent{"c"});
    EXPECT_EQ(seen[0].packet.text, R"(51-["x",1,{"_placeholder":true,"num":0}])");
    EXPECT_EQ(seen[0].packet.attachments, Sent{"z"});
    EXPECT_EQ(seen[1].event, "online");
    EXPECT_EQ(seen[2].room, "r");
    EXPECT_TRUE(seen[3].close_transport);
}

TEST_F(BroadcastTest, WhoseEventReachesNobodyIsTold) {
    add_peers(2, {"full"});
    EXPECT_TRUE(everybody().may_reach_anybody());
    EXPECT_TRUE(everybody().to("full").may_reach_anybody());
    EXPECT_TRUE(everybody().to({"empty", "full"}).may_reach_anybody());
    EXPECT_TRUE(everybody().to(peers[1].socket->id()).may_reach_anybody());
    EXPECT_FALSE(everybody().to("empty").may_reach_anybody());
    run_on(0, [](Socket& socket) { socket.leave("full"); });
    EXPECT_TRUE(everybody().to("full").may_reach_anybody());
    run_on(1, [](Socket& socket) { socket.disconnect(); });
    EXPECT_FALSE(everybody().to("full").may_reach_anybody());
}

// Rooms are not what they are going to be while something waits for a loop that is busy.
TEST_F(BroadcastTest, AnEventFindsThoseWhoWereSentIntoTheRoomBeforeIt) {
    add_peers(4);
    for (int i = 0; i < 200; ++i) {
        const std::string room = "room " + std::to_string(i);
        if (i % 2 == 0) {
            everybody().sockets_join(room);
        } else {
            for (const Peer& peer : peers) peer.handle.join(room);
        }
        EXPECT_TRUE(everybody().to(room).may_reach_anybody());
        everybody().to(room).emit("found");
    }
    for (std::size_t i = 0; i < peers.size(); ++i) EXPECT_EQ(sent_to(i).size(), 200u) << i;
}

}  // namespace
}  // namespace parley::socketio
