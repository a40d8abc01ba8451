// One session at a time: connecting, events, acknowledgements, disconnecting, and what breaks the protocol.
#include <gmock/gmock.h>

#include "hub_fixture.hpp"
#include "parley/base/encoding.hpp"

namespace parley::socketio {
namespace {

class ClientTest : public HubTest {
protected:
    ClientTest() {
        on_disconnect([this](Socket&, DisconnectReason reason) { reasons.push_back(reason); });
    }
    ~ClientTest() override { loops.stop(); }

    // A session that does `act` after its CONNECT must be closed.
    void expect_closed(std::string_view packet, DisconnectReason reason) {
        run(0, [&] {
            session = connect(0);
            session->receive(packet);
            session->receive(R"(2["late"])");
        });
        settle();
        run(0, [&] {
            EXPECT_FALSE(session->open()) << packet;
            EXPECT_EQ(session->close_code(), net::CloseCode::PolicyViolation);
            EXPECT_EQ(session->take_sent(), Sent{}) << "no DISCONNECT packet: the client shall come back";
            EXPECT_EQ(std::exchange(reasons, {}), std::vector{reason}) << packet;
        });
    }

    std::unique_ptr<FakeSession> session;
    std::vector<DisconnectReason> reasons;
};

TEST_F(ClientTest, ConnectIsAnsweredWithAnIdOfItsOwn) {
    std::string id;
    on_connection([&](Socket& socket) { id = socket.id(); });
    start();
    run(0, [&] {
        session = std::make_unique<FakeSession>(loops[0], hub);
        EXPECT_EQ(session->take_sent(), Sent{});
        session->receive("0");
        EXPECT_EQ(session->take_sent(), Sent{R"(0{"sid":")" + id + "\"}"});
        EXPECT_EQ(id.size(), 20u);
        EXPECT_TRUE(base64url_decode(id));
        EXPECT_EQ(hub.sockets(), 1u);
    });
}

TEST_F(ClientTest, TheSocketKnowsTheRequest) {
    const auto identity = std::make_shared<const int>(7);
    on_connection([&](Socket& socket) {
        EXPECT_EQ(socket.auth()["token"].as_string(), "t");
        EXPECT_EQ(socket.query("userId"), "a b");
        EXPECT_EQ(socket.query("EIO"), "");
        EXPECT_EQ(socket.client_address().to_string(), "192.0.2.7");
        EXPECT_TRUE(socket.secure());
        EXPECT_EQ(socket.identity(), identity);
        EXPECT_FALSE(socket.on_websocket());
        socket.data() = 5;
        reasons.push_back(DisconnectReason::PingTimeout);
    });
    start();
    run(0, [&] {
        session = std::make_unique<FakeSession>(loops[0], hub);
        session->identity_ = identity;
        session->receive(R"(0{"token":"t"})");
        EXPECT_EQ(reasons.size(), 1u);
    });
}

TEST_F(ClientTest, AnUnknownNamespaceIsAnErrorAndNoMore) {
    start();
    run(0, [&] {
        session = std::make_unique<FakeSession>(loops[0], hub);
        session->receive("0/admin,");
        EXPECT_EQ(session->take_sent(), Sent{R"(4/admin,{"message":"Invalid namespace"})"});
        session->receive("0");
        EXPECT_EQ(session->take_sent().size(), 1u);
        session->receive("0/admin,");
        EXPECT_EQ(session->take_sent(), Sent{R"(4/admin,{"message":"Invalid namespace"})"});
    });
    settle();
    run(0, [&] { EXPECT_TRUE(session->open()); });
}

TEST_F(ClientTest, APacketOutOfOrderClosesTheTransport) {
    start();
    expect_closed("0", DisconnectReason::ForcedServerClose);
    expect_closed(R"(4{"message":"x"})", DisconnectReason::ForcedServerClose);
    expect_closed(R"(2/admin,["x"])", DisconnectReason::ForcedServerClose);
    expect_closed("1/admin,", DisconnectReason::ForcedServerClose);
}

TEST_F(ClientTest, APacketBeforeConnectClosesTheTransport) {
    start();
    for (const std::string_view packet : {R"(2["x"])", "31[]", "1", R"(4"x")"}) {
        run(0, [&] {
            session = std::make_unique<FakeSession>(loops[0], hub);
            session->receive(packet);
        });
        settle();
        run(0, [&] { EXPECT_FALSE(session->open()) << packet; });
    }
}

TEST_F(ClientTest, AMalformedPacketIsAParseError) {
    start();
    for (const std::string_view packet : {"", "9", "2{}", R"(2["connect"])", R"(2["a",{"b":1,"b":2}])", R"(0{})x)", R"(0[1])"}) {
        expect_closed(packet, DisconnectReason::ParseError);
    }
}

TEST_F(ClientTest, BytesWhereNoneAreExpectedAreAParseError) {
    start();
    run(0, [&] {
        session = connect(0);
        session->receive_binary("x");
    });
    settle();
    run(0, [&] {
        EXPECT_FALSE(session->open());
        EXPECT_EQ(reasons, std::vector{DisconnectReason::ParseError});
    });
}

TEST_F(ClientTest, TextBetweenAttachmentsIsAParseError) {
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
        session->receive_binary("x");
        session->receive(R"(2["a"])");
    });
    settle();
    run(0, [&] { EXPECT_EQ(reasons, std::vector{DisconnectReason::ParseError}); });
}

TEST_F(ClientTest, EventsReachTheirHandlersAndNobodyElses) {
    std::vector<std::string> calls;
    hub.default_namespace().own_handlers().events["say"].push_back(handler<void(Socket&, Arguments, Ack)>(
        [&](Socket&, Arguments arguments, const Ack&) { calls.push_back("server " + arguments.json()); }));
    on_connection([&](Socket& socket) {
        socket.on("say", [&](Arguments arguments) { calls.push_back("socket " + arguments[0].as_string()); });
        socket.on("say", [&](const Arguments& arguments) { calls.push_back("again " + arguments.json()); });
        socket.on("other", [&](const Arguments&) { calls.push_back("other"); });
        socket.on_any([&](std::string_view event, const Arguments&) { calls.push_back("any " + std::string(event)); });
    });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(2["say","hi",1])");
        EXPECT_EQ(std::exchange(calls, {}), (Sent{"any say", R"(server "hi",1)", "socket hi", R"(again "hi",1)"}));
        session->receive(R"(2["nobody listens"])");
        EXPECT_EQ(calls, Sent{"any nobody listens"});
        EXPECT_EQ(session->take_sent(), Sent{});
    });
}

TEST_F(ClientTest, ArgumentsKeptByAHandlerStayValid) {
    std::vector<Arguments> kept;
    on_connection([&](Socket& socket) {
        socket.on("keep", [&](Arguments arguments) { kept.push_back(std::move(arguments)); });
        socket.on("keep", [&](const Arguments& arguments) { kept.push_back(arguments); });
    });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(2["keep",{"a long enough text to be on the heap":1}])");
        session->receive(R"(2["keep",{"another text that is on the heap too":2}])");
        ASSERT_EQ(kept.size(), 4u);
        EXPECT_EQ(kept[0].json(), R"({"a long enough text to be on the heap":1})");
        EXPECT_EQ(kept[1][0]["a long enough text to be on the heap"].as_integer(), 1);
    });
}

TEST_F(ClientTest, AnAcknowledgementIsSentOnceAndOnlyIfAskedFor) {
    Ack last;
    on_connection([&](Socket& socket) {
        socket.on("ask", [&](Arguments arguments, Ack ack) {
            last = ack;
            ack({"got", arguments[0]});
            ack("again");
        });
        socket.on("plain", [](const Arguments&) {});
    });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(27["ask",1])");
        EXPECT_EQ(session->take_sent(), Sent{R"(37["got",1])"});
        EXPECT_TRUE(last);
        session->receive(R"(2["ask",1])");
        EXPECT_FALSE(last);
        session->receive(R"(28["plain",1])");
        EXPECT_EQ(session->take_sent(), Sent{});
    });
}

TEST_F(ClientTest, AnAcknowledgementMayComeLateFromAnyThread) {
    Ack ack;
    on_connection([&](Socket& socket) { socket.on("ask", [&](const Arguments&, Ack given) { ack = std::move(given); }); });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(27["ask"])");
    });
    ack({Bytes{"\x01"}});
    settle();
    run(0, [&] {
        EXPECT_EQ(session->take_sent(), (Sent{R"(61-7[{"_placeholder":true,"num":0}])", "binary:\x01"}));
        session->receive(R"(28["ask"])");
        session->end(engineio::CloseReason::TransportClose);
    });
    ack("too late");
    settle();
}

TEST_F(ClientTest, AcknowledgementsThatNobodyWaitsForAreIgnored) {
    start();
    run(0, [&] {
        session = connect(0);
        session->receive("31[]");
        session->receive(R"(61-1[{"_placeholder":true,"num":0}])");
        session->receive_binary("x");
    });
    settle();
    run(0, [&] { EXPECT_TRUE(session->open()); });
}

TEST_F(ClientTest, BinaryEventsCarryTheirBytes) {
    on_connection([&](Socket& socket) { socket.on("file", [&socket](Arguments arguments) { socket.emit("back", arguments); }); });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(51-["file",{"data":{"_placeholder":true,"num":0}}])");
        EXPECT_EQ(session->take_sent(), Sent{});
        session->receive_binary("\x01\x02");
        EXPECT_EQ(session->take_sent(), (Sent{R"(51-["back",{"data":{"_placeholder":true,"num":0}}])", "binary:\x01\x02"}));
    });
}

TEST_F(ClientTest, WhatAHandlerThrowsEndsOnlyThatHandler) {
    int calls = 0;
    on_connection([&](Socket& socket) {
        socket.on("fail", [](const Arguments& arguments) { (void)arguments[0].as_string(); });
        socket.on("fail", [](const Arguments&) { throw 5; });
        socket.on("fail", [&](const Arguments&) { ++calls; });
        throw std::runtime_error("in connection");
    });
    on_disconnect([](Socket&, DisconnectReason) { throw std::runtime_error("in disconnect"); });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(2["fail",1])");
        EXPECT_EQ(calls, 1);
        EXPECT_TRUE(session->open());
        session->end(engineio::CloseReason::TransportClose);
    });
}

TEST_F(ClientTest, HandlersMayAddHandlers) {
    int calls = 0;
    on_connection([&](Socket& socket) {
        socket.on("grow", [&](const Arguments&) {
            for (int i = 0; i < 20; ++i) socket.on("grow", [&calls](const Arguments&) { ++calls; });
        });
    });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(2["grow"])");
        EXPECT_EQ(calls, 0);
        session->receive(R"(2["grow"])");
        EXPECT_EQ(calls, 20);
    });
}

TEST_F(ClientTest, TheClientsDisconnectEndsTheSocketNotTheSession) {
    start();
    run(0, [&] {
        session = connect(0);
        session->receive("1");
        EXPECT_EQ(reasons, std::vector{DisconnectReason::ClientNamespaceDisconnect});
        EXPECT_EQ(hub.sockets(), 0u);
        EXPECT_EQ(session->take_sent(), Sent{});
        session->receive("0");
        EXPECT_EQ(hub.sockets(), 1u);
        session->end(engineio::CloseReason::TransportClose);
        EXPECT_EQ(reasons.back(), DisconnectReason::TransportClose);
        EXPECT_EQ(hub.sockets(), 0u);
    });
}

TEST_F(ClientTest, EachCloseReasonHasItsName) {
    using engineio::CloseReason;
    const std::vector<std::pair<CloseReason, std::string_view>> names = {
        {CloseReason::TransportClose, "transport close"},
        {CloseReason::TransportError, "transport error"},
        {CloseReason::ParseError, "parse error"},
        {CloseReason::PingTimeout, "ping timeout"},
        {CloseReason::ForcedClose, "forced close"},
        {CloseReason::TooSlow, "forced close"},
        {CloseReason::ServerShutdown, "server shutting down"},
    };
    start();
    for (const auto& [reason, name] : names) {
        run(0, [&] {
            session = connect(0);
            session->end(reason);
            EXPECT_EQ(to_string(reasons.back()), name);
        });
    }
}

TEST_F(ClientTest, DisconnectSendsAPacketAndRunsHandlersOnce) {
    Socket* socket = nullptr;
    on_connection([&](Socket& connected) {
        socket = &connected;
        connected.join("room");
        connected.on_disconnect([&](DisconnectReason) {
            EXPECT_FALSE(socket->connected());
            EXPECT_TRUE(socket->rooms().empty());
            EXPECT_EQ(socket->client_address().to_string(), "192.0.2.7");
            socket->emit("into the void", {});
            socket->join("room");
            socket->disconnect();
        });
    });
    start();
    run(0, [&] {
        session = connect(0);
        socket->disconnect();
        EXPECT_EQ(session->take_sent(), Sent{"1"});
        EXPECT_EQ(reasons, std::vector{DisconnectReason::ServerNamespaceDisconnect});
        socket->disconnect(true);
        socket->emit("into the void", {});
        EXPECT_EQ(socket->identity(), nullptr);
        EXPECT_EQ(session->take_sent(), Sent{});
    });
    settle();
    run(0, [&] { EXPECT_TRUE(session->open()); });
}

TEST_F(ClientTest, DisconnectWithCloseClosesTheTransportToo) {
    on_connection([&](Socket& socket) { socket.on("bye", [&](const Arguments&) { socket.disconnect(true); }); });
    start();
    run(0, [&] {
        session = connect(0);
        session->receive(R"(2["bye"])");
        EXPECT_EQ(session->take_sent(), Sent{"1"});
    });
    settle();
    run(0, [&] {
        EXPECT_FALSE(session->open());
        EXPECT_EQ(reasons, std::vector{DisconnectReason::ServerNamespaceDisconnect});
    });
}

TEST_F(ClientTest, CloseTransportSendsNoPacket) {
    on_connection([&](Socket& socket) { socket.close_transport(net::CloseCode::TryAgainLater, "full"); });
    start();
    run(0, [&] { session = connect(0); });
    settle();
    run(0, [&] {
        EXPECT_FALSE(session->open());
        EXPECT_EQ(session->close_code(), net::CloseCode::TryAgainLater);
        EXPECT_EQ(reasons, std::vector{DisconnectReason::ForcedClose});
    });
}

TEST_F(ClientTest, AnUpgradeIsHeardByConnectedSocketsOnly) {
    Sent calls;
    hub.default_namespace().own_handlers().upgrade.push_back(handler<void(Socket&)>([&](Socket& socket) {
        EXPECT_TRUE(socket.on_websocket());
        calls.push_back("server");
    }));
    on_connection([&](Socket& socket) { socket.on_upgrade([&] { calls.push_back("socket"); }); });
    start();
    run(0, [&] {
        session = connect(0);
        session->upgrade();
        EXPECT_EQ(std::exchange(calls, {}), (Sent{"server", "socket"}));
        session = std::make_unique<FakeSession>(loops[0], hub);
        session->upgrade();
        EXPECT_EQ(calls, Sent{});
    });
}

class ConnectTimeoutTest : public testing::Test {
protected:
    LoopGroup loops{1};
    Hub hub{loops, HubOptions{.connect_timeout = std::chrono::milliseconds(50)}, nullptr};
    std::unique_ptr<FakeSession> session;
    std::promise<void> closed;

    void watch() {
        if (session->open()) {
            loops[0].post([this] { watch(); });
        } else {
            closed.set_value();
        }
    }
    void expect_closed() {
        ASSERT_EQ(closed.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
        loops.stop();
        EXPECT_EQ(session->close_code(), net::CloseCode::PolicyViolation);
    }
};

TEST_F(ConnectTimeoutTest, ASessionThatNeverConnectsIsClosed) {
    loops[0].post([this] {
        session = std::make_unique<FakeSession>(loops[0], hub);
        session->receive("0/unknown,");
        watch();
    });
    loops.start();
    expect_closed();
}

TEST_F(ConnectTimeoutTest, ASessionThatHasLeftIsClosed) {
    loops[0].post([this] {
        session = std::make_unique<FakeSession>(loops[0], hub);
        session->receive("0");
        session->receive("1");
        watch();
    });
    loops.start();
    expect_closed();
}

TEST_F(ConnectTimeoutTest, AConnectedSessionIsLeftAlone) {
    struct Later {
        explicit Later(std::promise<void>& promise) : done(promise) {}
        void fire() { done.set_value(); }
        std::promise<void>& done;
        Timer timer{Timer::call<Later, &Later::fire>, this};
    };
    auto later = std::make_unique<Later>(closed);
    loops[0].post([&] {
        session = std::make_unique<FakeSession>(loops[0], hub);
        session->receive("0");
        later->timer.arm(loops[0].timers(), std::chrono::milliseconds(300));
    });
    loops.start();
    ASSERT_EQ(closed.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
    loops.stop();
    EXPECT_TRUE(session->open());
}

}  // namespace
}  // namespace parley::socketio
