#include <thread>

#include "fixture.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::chrono_literals;

using WebSocketSession = EngineTest;

TEST_F(WebSocketSession, MessagesGoBothWays) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    client.send_text("4echo hi");
    EXPECT_EQ(client.read_text(), "4hi");
    client.send_binary("echo \xff");
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, 2);
    EXPECT_EQ(frame.payload, "\xff");
    EXPECT_EQ(record_.of(sid), (Events{"message echo hi", "binary echo \xff"}));
    EXPECT_TRUE(with_session(sid, [](Session& session) { EXPECT_TRUE(session.on_websocket()); }));
    EXPECT_EQ(server_->counters().messages_in, 2u);
    EXPECT_EQ(server_->counters().messages_out, 2u);
    EXPECT_EQ(server_->counters().sessions_on_websocket, 1u);
}

TEST_F(WebSocketSession, WhatItsHandlerSendsFirstComesAfterTheOpenPacket) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    with_session(sid, [](Session& session) {
        session.send(PreparedPacket::text("prepared"));
        session.send(PreparedPacket::text(std::string(5'000, 'x')));
    });
    EXPECT_EQ(client.read_text(), "4prepared");
    EXPECT_EQ(client.read_text(), "4" + std::string(5'000, 'x'));
}

TEST_F(WebSocketSession, AClientThatSpeaksWhileItsPongIsDueGetsTheTimeAgainOnce) {
    start({.ping_interval = 100ms, .ping_timeout = 2s});
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    EXPECT_EQ(client.read_text(), "2");
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(is_open(sid));
        std::this_thread::sleep_for(1'300ms);
        client.send_text("4hi");
    }
    EXPECT_EQ(client.read_text(), "<closed 1001>");
    EXPECT_EQ(record_.wait_for(sid, 3), (Events{"message hi", "message hi", "closed PingTimeout"}));
}

TEST_F(WebSocketSession, TheClientGoesAway) {
    start();
    WebSocketClient broken(port_);
    const std::string first = open_websocket(broken);
    broken.close();
    EXPECT_EQ(record_.wait_for(first, 1), Events{"closed TransportClose"});

    WebSocketClient orderly(port_);
    const std::string second = open_websocket(orderly);
    orderly.send_frame(8, "\x03\xe8");
    EXPECT_EQ(orderly.read_text(), "<closed 1000>");
    EXPECT_EQ(record_.wait_for(second, 1), Events{"closed TransportClose"});

    WebSocketClient packet(port_);
    const std::string third = open_websocket(packet);
    packet.send_text("1");
    EXPECT_EQ(packet.read_text(), "<closed 1000>");
    EXPECT_EQ(record_.wait_for(third, 1), Events{"closed TransportClose"});
    EXPECT_EQ(server_->counters().sessions_open, 0u);
    EXPECT_EQ(server_->counters().sessions_on_websocket, 0u);
}

TEST_F(WebSocketSession, NonsenseEndsIt) {
    start();
    for (const std::string text : {"", "hello", "9"}) {
        WebSocketClient client(port_);
        const std::string sid = open_websocket(client);
        client.send_text(text);
        EXPECT_EQ(client.read_text(), "<closed 1002>");
        EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ParseError"});
    }
}

TEST_F(WebSocketSession, AMessageOverTheLimitEndsIt) {
    start({.max_payload = 1000});
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    client.send_text("4" + std::string(1000, 'x'));
    EXPECT_EQ(client.read_text(), "<closed 1009>");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TransportError"});
}

TEST_F(WebSocketSession, PollingItIsABadRequest) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    EXPECT_EQ(poll(sid).body, R"({"code":3,"message":"Bad request"})");
    client.send_text("4first");
    EXPECT_TRUE(record_.wait_for(sid, "message first"));
    EXPECT_EQ(post(sid, "4hi").body, R"({"code":3,"message":"Bad request"})");
    EXPECT_EQ(WebSocketClient(port_).upgrade(websocket(sid)).status, 400);
    client.send_text("4echo still here");
    EXPECT_EQ(client.read_text(), "4still here");
}

TEST_F(WebSocketSession, PingIsAnsweredOrTheSessionEnds) {
    start({.ping_interval = 100ms, .ping_timeout = 300ms});
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.read_text(), "2");
        client.send_text("3");
    }
    EXPECT_EQ(client.read_text(), "2");
    EXPECT_EQ(client.read_text(), "<closed 1001>");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed PingTimeout"});
}

TEST_F(WebSocketSession, CloseComesAfterWhatIsQueued) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    with_session(sid, [](Session& session) {
        session.send_text("last words");
        session.close(CloseReason::ForcedClose, net::CloseCode::PolicyViolation, "no");
        session.send_text("too late");
    });
    EXPECT_EQ(client.read_text(), "4last words");
    EXPECT_EQ(client.read_text(), "<closed 1008>");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ForcedClose"});
}

TEST_F(WebSocketSession, MessagesAfterTheCloseAreNotDelivered) {
    on_message = [](Session& session, std::string_view) { session.close(CloseReason::ForcedClose, net::CloseCode::Normal, ""); };
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    for (int i = 0; i < 10; ++i) client.send_text("4x");
    EXPECT_EQ(client.read_text(), "<closed 1000>");
    EXPECT_EQ(record_.wait_for(sid, 2), (Events{"message x", "closed ForcedClose"}));
}

// A reader with a small receive buffer that does not read.
constexpr int kSmallBuffer = 4096;

TEST_F(WebSocketSession, AStalledReaderIsTooSlow) {
    start({.max_queued_bytes = 100'000});
    WebSocketClient client(port_, kSmallBuffer);
    const std::string sid = open_websocket(client);
    const std::string message(50'000, 'x');
    for (int i = 0; i < 1'000 && is_open(sid); ++i) with_session(sid, [&](Session& session) { session.send_text(message); });
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TooSlow"});
    EXPECT_EQ(server_->counters().closed_too_slow, 1u);
}

TEST_F(WebSocketSession, OfTheLatestOnlyTheNewestWaitsForAStalledReader) {
    start({.max_queued_bytes = 100'000});
    WebSocketClient client(port_, kSmallBuffer);
    const std::string sid = open_websocket(client);
    // More than the kernel takes: the first message counts for no limit.
    const std::string large(8'000'000, 'x');
    with_session(sid, [&](Session& session) { session.send_text(large); });
    const int lists = 1000;
    for (int i = 0; i < lists; ++i) {
        with_session(sid, [&](Session& session) {
            session.send_latest(1, PreparedPacket::text("list " + std::to_string(i) + std::string(1'000, ' ')));
        });
    }
    with_session(sid, [](Session& session) { session.send_text("message"); });
    EXPECT_EQ(client.read_text(), "4" + large);
    EXPECT_EQ(client.read_text(), "4message");
    EXPECT_EQ(client.read_text(), "4list 999" + std::string(1'000, ' '));
    with_session(sid, [](Session& session) { session.send_latest(1, PreparedPacket::text("list 1000")); });
    EXPECT_EQ(client.read_text(), "4list 1000");
}

TEST_F(WebSocketSession, TheLatestComesAfterMessagesOfTheSameTurn) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    with_session(sid, [](Session& session) {
        session.send_text("message");
        session.send_latest(1, PreparedPacket::text("old"));
        session.send_latest(1, PreparedPacket::text("new"));
        session.send_text("another");
    });
    EXPECT_EQ(client.read_text(), "4message");
    EXPECT_EQ(client.read_text(), "4another");
    EXPECT_EQ(client.read_text(), "4new");
}

// The older one waits for the end of the turn when the way becomes free.
TEST_F(WebSocketSession, AnOlderLatestNeverFollowsANewerOne) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    with_session(sid, [](Session& session) {
        session.send_text("message");
        session.loop().defer([&session] { session.send_latest(1, PreparedPacket::text("newer")); });
        session.send_latest(1, PreparedPacket::text("older"));
    });
    EXPECT_EQ(client.read_text(), "4message");
    EXPECT_EQ(client.read_text(), "4newer");
    EXPECT_TRUE(client.silent());
}

}  // namespace
}  // namespace parley::engineio::test
