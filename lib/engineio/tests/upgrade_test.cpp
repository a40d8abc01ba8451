// From polling to WebSocket: nothing lost, nothing doubled, nothing out of order, whatever happens on the way.
#include <atomic>
#include <chrono>

#include "fixture.hpp"
#include "parley/async/loop.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::chrono_literals;

const std::string kBadRequest = R"({"code":3,"message":"Bad request"})";

using Upgrade = EngineTest;

TEST_F(Upgrade, MovesTheSession) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    EXPECT_TRUE(with_session(sid, [](Session& session) { EXPECT_FALSE(session.on_websocket()); }));
    finish_upgrade(client, sid);
    EXPECT_TRUE(with_session(sid, [](Session& session) { EXPECT_TRUE(session.on_websocket()); }));
    client.send_text("4echo hi");
    EXPECT_EQ(client.read_text(), "4hi");
    EXPECT_EQ(record_.of(sid), (Events{"upgraded", "message echo hi"}));
    EXPECT_EQ(server_->counters().sessions_moved, 1u);
    EXPECT_EQ(poll(sid).body, kBadRequest);
}

TEST_F(Upgrade, AWaitingPollIsEndedWithANoop) {
    start();
    const std::string sid = open_polling();
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    EXPECT_TRUE(poller.silent());
    WebSocketClient client(port_);
    probe(client, sid);
    EXPECT_EQ(poller.read_answer().body, "6");
    poller.send_request("GET", polling(sid));  // a client that has polled again before it saw the probe's answer
    EXPECT_EQ(poller.read_answer().body, "6");
    finish_upgrade(client, sid);
}

TEST_F(Upgrade, APollThatWaitsForPacketFiveIsEndedWithANoop) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    ASSERT_EQ(client.upgrade(websocket(sid)).status, 101);
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    EXPECT_TRUE(poller.silent());
    finish_upgrade(client, sid);
    EXPECT_EQ(poller.read_answer().body, "6");
}

TEST_F(Upgrade, WhatWasBufferedComesFirstAndInOrder) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    with_session(sid, [](Session& session) {
        session.send_text("1");
        session.send(PreparedPacket::text("2"));
        session.send_binary("3");
        session.send(PreparedPacket::bytes("4"));
        session.send_latest(1, PreparedPacket::text("list"));
    });
    finish_upgrade(client, sid);
    EXPECT_EQ(client.read_text(), "41");
    EXPECT_EQ(client.read_text(), "42");
    EXPECT_EQ(client.read_frame().payload, "3");
    EXPECT_EQ(client.read_frame().payload, "4");
    EXPECT_EQ(client.read_text(), "4list");
    with_session(sid, [](Session& session) { session.send_text("5"); });
    EXPECT_EQ(client.read_text(), "45");
}

TEST_F(Upgrade, PollingGoesOnUntilPacketFive) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    post(sid, "4echo by polling");
    EXPECT_EQ(poll(sid).body, "4by polling");
    EXPECT_TRUE(client.silent());
    finish_upgrade(client, sid);
    EXPECT_TRUE(client.silent());
}

TEST_F(Upgrade, APostOvertakenByPacketFiveIsTaken) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    Connection poster(port_);
    poster.send("POST " + polling(sid) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n4po");
    EXPECT_TRUE(poster.silent());
    finish_upgrade(client, sid);
    poster.send("st");
    EXPECT_EQ(poster.read_answer().body, "ok");
    client.send_text("4by WebSocket");
    EXPECT_EQ(record_.wait_for(sid, 3), (Events{"upgraded", "message post", "message by WebSocket"}));
    EXPECT_EQ(post(sid, "4too late").body, kBadRequest);
}

TEST_F(Upgrade, FromEveryLoopToEveryOther) {
    start({}, 4);
    for (const bool same : {true, false}) {
        for (int round = 0; round < 5; ++round) {
            const std::string sid = open_polling();
            WebSocketClient client(connection_on(loop_of(sid), same));
            probe(client, sid);
            post(sid, "4echo before");
            finish_upgrade(client, sid);
            EXPECT_EQ(client.read_text(), "4before");
            client.send_text("4echo after");
            EXPECT_EQ(client.read_text(), "4after");
            EXPECT_EQ(record_.of(sid), (Events{"message echo before", "upgraded", "message echo after"}));
        }
    }
}

TEST_F(Upgrade, PacketsSentWithTheHandshakeMoveAlong) {
    start({}, 4);
    const std::string sid = open_polling();
    WebSocketClient client(connection_on(loop_of(sid), false));
    std::string frames;
    const auto add = [&frames](std::string_view payload) {
        frames += "\x81";
        frames += static_cast<char>(0x80 | payload.size());
        frames += std::string(4, '\0') + std::string(payload);
    };
    add("2probe");
    add("5");
    add("4echo early");
    client.send("GET " + websocket(sid) +
                " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n" +
                frames);
    EXPECT_EQ(client.read_answer().status, 101);
    EXPECT_EQ(client.read_text(), "3probe");
    EXPECT_EQ(client.read_text(), "4early");
}

TEST_F(Upgrade, AFailedProbeLeavesTheSessionOnPolling) {
    start();
    const std::string sid = open_polling();
    for (const std::string text : {"hello", "2", "2prob", "4hi", "3probe", ""}) {
        WebSocketClient client(port_);
        ASSERT_EQ(client.upgrade(websocket(sid)).status, 101);
        client.send_text(text);
        EXPECT_EQ(client.read_text(), "<closed 1008>");
    }
    WebSocketClient gone(port_);
    probe(gone, sid);
    gone.close();
    while (true) {  // until the server has noticed
        WebSocketClient client(port_);
        if (client.upgrade(websocket(sid)).status == 101) break;
    }
    EXPECT_EQ(post(sid, "4echo hi").body, "ok");
    EXPECT_EQ(poll(sid).body, "4hi");
    EXPECT_EQ(record_.of(sid), Events{"message echo hi"});
}

TEST_F(Upgrade, ASecondWebSocketIsRefusedAndChangesNothing) {
    start({}, 4);
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    for (const bool same : {true, false}) {
        WebSocketClient second(connection_on(loop_of(sid), same));
        EXPECT_EQ(second.upgrade(websocket(sid)).body, kBadRequest);
    }
    finish_upgrade(client, sid);
    for (const bool same : {true, false}) {
        WebSocketClient third(connection_on(loop_of(sid), same));
        EXPECT_EQ(third.upgrade(websocket(sid)).body, kBadRequest);
    }
    client.send_text("4echo hi");
    EXPECT_EQ(client.read_text(), "4hi");
}

TEST_F(Upgrade, AnUpgradeThatNeverEndsIsGivenUp) {
    start({.upgrade_timeout = 200ms});
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    EXPECT_EQ(client.read_text(), "<closed 1008>");
    EXPECT_EQ(post(sid, "4echo hi").body, "ok");
    EXPECT_EQ(poll(sid).body, "4hi");
    WebSocketClient again(port_);
    probe(again, sid);
    finish_upgrade(again, sid);
}

TEST_F(Upgrade, TheSessionEndsInMidProbe) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    post(sid, "1");
    EXPECT_EQ(client.read_text(), "<closed 1000>");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TransportClose"});
}

TEST_F(Upgrade, APollAbortedInMidProbeEndsTheSession) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    ASSERT_EQ(client.upgrade(websocket(sid)).status, 101);
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    EXPECT_TRUE(poller.silent());
    poller.close();
    EXPECT_TRUE(record_.wait_for(sid, "closed TransportError"));
    EXPECT_EQ(client.read_text(), "<closed 1001>");
}

// The client has stopped polling and its packet `5` is on its way: the farewell goes there.
TEST_F(Upgrade, AFarewellInMidProbeReachesTheWebSocket) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    with_session(sid, [](Session& session) {
        session.send_text("log out");
        session.close(CloseReason::ForcedClose, net::CloseCode::Normal, "");
    });
    client.send_text("5");
    EXPECT_EQ(client.read_text(), "4log out");
    EXPECT_EQ(client.read_text(), "<closed 1000>");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ForcedClose"});
    EXPECT_EQ(poll(sid).status, 400);
}

TEST_F(Upgrade, AFarewellInMidProbeReachesTheNextPollIfThatComesFirst) {
    start();
    const std::string sid = open_polling();
    WebSocketClient client(port_);
    probe(client, sid);
    with_session(sid, [](Session& session) {
        session.send_text("log out");
        session.close(CloseReason::ForcedClose, net::CloseCode::Normal, "");
    });
    EXPECT_EQ(poll(sid).body, "4log out");
    EXPECT_EQ(poll(sid).body, "1");
    EXPECT_EQ(client.read_text(), "<closed 1000>");
}

TEST_F(Upgrade, ThePingOfPollingMayBeAnsweredByWebSocket) {
    start({.ping_interval = 200ms, .ping_timeout = 2s});
    const std::string sid = open_polling();
    EXPECT_EQ(poll(sid).body, "2");
    WebSocketClient client(port_);
    probe(client, sid);
    finish_upgrade(client, sid);
    client.send_text("3");
    EXPECT_EQ(client.read_text(), "2");
}

// Numbered messages each way while the client upgrades, with a poll pending and posts under way.
TEST_F(Upgrade, NothingIsLostDoubledOrReordered) {
    constexpr int kMessages = 300;
    start({}, 4);
    for (int round = 0; round < 8; ++round) {
        const std::string sid = open_polling();
        WebSocketClient client(connection_on(loop_of(sid), round % 2 == 0));
        Connection poller = connection_on(loop_of(sid), round % 3 == 0);
        Connection poster = connection_on(loop_of(sid), round % 3 != 0);
        std::string received;
        const auto poll_once = [&] { received += poller.read_answer().body + "\x1e"; };
        const auto post_some = [&](int from, int to) {
            std::string body;
            for (int i = from; i < to; ++i)
                body += (body.empty() ? "4echo "
                                      : "\x1e"
                                        "4echo ") +
                        std::to_string(i);
            poster.send_request("POST", polling(sid), {}, body);
        };
        poller.send_request("GET", polling(sid));
        post_some(0, kMessages / 3);
        probe(client, sid);
        EXPECT_EQ(poster.read_answer().body, "ok");
        poll_once();
        post_some(kMessages / 3, kMessages / 2);
        EXPECT_EQ(poster.read_answer().body, "ok");
        client.send_text("5");
        for (int i = kMessages / 2; i < kMessages; ++i) client.send_text("4echo " + std::to_string(i));
        const std::string last = "4" + std::to_string(kMessages - 1) + "\x1e";
        for (std::string packet = "?"; packet.front() != '<' && !received.ends_with(last);) {
            packet = client.read_text();
            received += packet + "\x1e";
        }
        std::string expected;
        for (int i = 0; i < kMessages; ++i) expected += "4" + std::to_string(i) + "\x1e";
        for (std::size_t noop = 0; (noop = received.find("6\x1e", noop)) != std::string::npos;) {
            const bool own = noop == 0 || received[noop - 1] == '\x1e';
            own ? void(received.erase(noop, 2)) : void(++noop);
        }
        EXPECT_EQ(received, expected);
    }
}

// The hook of these tests: header X-User names who it is; "nobody" is refused, "late" takes a while, "too late" more than the time-out,
// "held" until the test lets go.
class AdmitTest : public EngineTest {
protected:
    using User = std::shared_ptr<const void>;

    void SetUp() override {
        ServerOptions options;
        options.admit = admit;
        options.upgrade_timeout = 2s;
        start(std::move(options), 4);
    }
    void TearDown() override {
        held_ = false;
        EngineTest::TearDown();
    }

    static Task<Admission> admit(HandshakeRequest request, User current) {
        const std::string user(request.head.headers.get("X-User"));
        if (user == "late") co_await sleep_for(200ms);
        if (user == "too late") co_await sleep_for(4s);
        while (user == "held" && held_) co_await sleep_for(1ms);
        if (user == "nobody") co_return Admission::refuse(400, "not \"you\"");
        if (user == "broken") throw std::runtime_error("the hook is broken");
        if (user.empty()) co_return Admission::allow(current);
        co_return Admission::allow(std::make_shared<const std::string>(user));
    }

    std::string user_of(const std::string& sid) {
        std::string user;
        with_session(sid, [&](Session& session) {
            if (session.identity()) user = *static_cast<const std::string*>(session.identity().get());
        });
        return user;
    }

    std::string open_as(const std::string& user) {
        return sid_in(Connection(port_).request("GET", "/socket.io/?EIO=4&transport=polling", {{"X-User", user}}).body);
    }

    inline static std::atomic<bool> held_ = false;
};

TEST_F(AdmitTest, NamesTheSession) {
    EXPECT_EQ(user_of(open_as("alice")), "alice");
    EXPECT_EQ(user_of(open_as("late")), "late");
    WebSocketClient client(port_);
    client.upgrade("/socket.io/?EIO=4&transport=websocket", {{"X-User", "bob"}});
    EXPECT_EQ(user_of(sid_in(client.read_text())), "bob");
}

TEST_F(AdmitTest, RefusesASession) {
    const Answer polling = Connection(port_).request("GET", "/socket.io/?EIO=4&transport=polling", {{"X-User", "nobody"}});
    EXPECT_EQ(polling.status, 400);
    EXPECT_EQ(polling.body, R"({"code":4,"message":"not \"you\""})");
    EXPECT_EQ(WebSocketClient(port_).upgrade("/socket.io/?EIO=4&transport=websocket", {{"X-User", "nobody"}}).status, 400);
    EXPECT_EQ(server_->counters().sessions_opened, 0u);
}

TEST_F(AdmitTest, AHookThatThrowsIsAnInternalError) {
    EXPECT_EQ(Connection(port_).request("GET", "/socket.io/?EIO=4&transport=polling", {{"X-User", "broken"}}).status, 500);
}

TEST_F(AdmitTest, TheIdentityOfTheUpgradeCountsFromPacketFive) {
    for (const bool same : {true, false}) {
        const std::string sid = open_as("");
        WebSocketClient client(connection_on(loop_of(sid), same));
        ASSERT_EQ(client.upgrade(websocket(sid), {{"X-User", "late"}}).status, 101);
        client.send_text("2probe");
        EXPECT_EQ(client.read_text(), "3probe");
        EXPECT_EQ(user_of(sid), "");
        finish_upgrade(client, sid);
        EXPECT_EQ(user_of(sid), "late");
    }
}

TEST_F(AdmitTest, AnUpgradeWithoutANameKeepsTheSessionsOwn) {
    const std::string sid = open_as("alice");
    WebSocketClient client(port_);
    probe(client, sid);
    finish_upgrade(client, sid);
    EXPECT_EQ(user_of(sid), "alice");
}

TEST_F(AdmitTest, ARefusedUpgradeLeavesTheSessionUntouched) {
    const std::string sid = open_as("alice");
    for (const bool same : {true, false}) {
        WebSocketClient refused(connection_on(loop_of(sid), same));
        EXPECT_EQ(refused.upgrade(websocket(sid), {{"X-User", "nobody"}}).status, 400);
    }
    EXPECT_EQ(user_of(sid), "alice");
    EXPECT_EQ(post(sid, "4hi").body, "ok");
    WebSocketClient client(port_);
    Answer answer = client.upgrade(websocket(sid));
    EXPECT_EQ(answer.status, 101) << answer.body;
}

TEST_F(AdmitTest, TheSessionEndsWhileItsUpgradeIsBeingAdmitted) {
    for (const bool same : {true, false}) {
        const std::string sid = open_as("alice");
        WebSocketClient client(connection_on(loop_of(sid), same));
        held_ = true;
        client.send_upgrade(websocket(sid), {{"X-User", "held"}});
        EXPECT_TRUE(client.silent());
        post(sid, "1");
        EXPECT_TRUE(record_.wait_for(sid, "closed TransportClose"));
        held_ = false;
        EXPECT_EQ(client.read_answer().status, 0);  // nobody is there to take the connection
    }
}

TEST_F(AdmitTest, TheClientLeavesWhileItsUpgradeIsBeingAdmitted) {
    const std::string sid = open_as("alice");
    held_ = true;
    {
        WebSocketClient client(connection_on(loop_of(sid), false));
        client.send_upgrade(websocket(sid), {{"X-User", "held"}});
        EXPECT_TRUE(client.silent());
    }
    held_ = false;
    while (true) {  // until its reservation has gone
        WebSocketClient next(port_);
        if (next.upgrade(websocket(sid)).status == 101) break;
    }
    EXPECT_EQ(user_of(sid), "alice");
}

TEST_F(AdmitTest, AnUpgradeAdmittedTooLateDisturbsNoOther) {
    const std::string sid = open_as("alice");
    WebSocketClient slow(connection_on(loop_of(sid), false));
    slow.send_upgrade(websocket(sid), {{"X-User", "too late"}});
    EXPECT_TRUE(slow.silent());
    std::unique_ptr<WebSocketClient> client;
    do {  // until its reservation has passed
        client = std::make_unique<WebSocketClient>(port_);
    } while (client->upgrade(websocket(sid)).status != 101);
    client->send_text("2probe");
    EXPECT_EQ(client->read_text(), "3probe");
    EXPECT_EQ(slow.read_answer().status, 0);
    EXPECT_EQ(client->read_text(), "<closed 1008>");  // its own time is over too
    EXPECT_EQ(user_of(sid), "alice");
}

}  // namespace
}  // namespace parley::engineio::test
