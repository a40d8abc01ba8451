// Sessions of protocol version 3, as socket.io-client 2 and the protocol's official suite expect them.
#include <thread>

#include "fixture.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::literals;

const std::string kBadRequest = R"({"code":3,"message":"Bad request"})";
const std::string kUnknownSession = R"({"code":1,"message":"Session ID unknown"})";

class Protocol3 : public EngineTest {
protected:
    void allow(ServerOptions options = {}) {
        options.allow_eio3 = true;
        start(std::move(options));
    }
    static std::string target(const std::string& transport, const std::string& sid = "") {
        return "/socket.io/?EIO=3&transport=" + transport + (sid.empty() ? "" : "&sid=" + sid);
    }
    std::string open(const std::string& query = "") { return sid_in(Connection(port_).request("GET", target("polling") + query).body); }
    std::string open_on(WebSocketClient& client, const std::string& query = "") {
        client.upgrade(target("websocket") + query);
        return sid_in(client.read_text());
    }
    Answer poll(const std::string& sid) { return Connection(port_).request("GET", target("polling", sid)); }
    Answer post(const std::string& sid, std::string_view body, const std::string& type = "text/plain;charset=UTF-8") {
        return Connection(port_).request("POST", target("polling", sid), {{"Content-Type", type}}, body);
    }
};

TEST_F(Protocol3, TheOpenPacketHasALengthAndSaysTheSame) {
    allow();
    const Answer answer = Connection(port_).request("GET", target("polling"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "text/plain; charset=UTF-8");
    const std::string sid = sid_in(answer.body);
    const std::string packet =
        R"(0{"sid":")" + sid + R"(","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";
    EXPECT_EQ(answer.body, std::to_string(packet.size()) + ":" + packet);
    EXPECT_TRUE(with_session(sid, [](Session& session) { EXPECT_EQ(session.protocol(), 3u); }));

    WebSocketClient client(port_);
    EXPECT_EQ(client.upgrade(target("websocket")).status, 101);
    EXPECT_TRUE(client.read_text().starts_with(R"(0{"sid":")"));
}

TEST_F(Protocol3, OnlyTheVersionsThreeAndFourOpenSessions) {
    allow();
    for (const std::string version : {"", "EIO=abc&", "EIO=2&", "EIO=5&"}) {
        EXPECT_EQ(Connection(port_).request("GET", "/socket.io/?" + version + "transport=polling").body,
                  R"({"code":5,"message":"Unsupported protocol version"})");
    }
    EXPECT_TRUE(with_session(open_polling(), [](Session& session) { EXPECT_EQ(session.protocol(), 4u); }));
}

TEST_F(Protocol3, JsonpIsRefusedInWords) {
    allow();
    const Answer answer = Connection(port_).request("GET", target("polling") + "&j=0");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"code":3,"message":"JSONP polling is not supported"})");
}

TEST_F(Protocol3, PollingCarriesTextBothWays) {
    allow();
    const std::string sid = open();
    EXPECT_EQ(post(sid,
                   "12:4echo test1\xe2\x82\xac"
                   "11:4echo \xf0\x9f\x98\x80"
                   "abc")
                  .body,
              "ok");
    EXPECT_EQ(poll(sid).body,
              "7:4test1\xe2\x82\xac"
              "6:4\xf0\x9f\x98\x80"
              "abc");
}

TEST_F(Protocol3, PollingCarriesBytesBothWays) {
    allow();
    const std::string sid = open();
    EXPECT_EQ(post(sid,
                   "\x00\x0b\xff"
                   "4echo hello\x01\x0a\xff\x04"
                   "echo \x01\x02\x03\x04"s,
                   "application/octet-stream")
                  .status,
              200);
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ParseError"});  // 10 and 11 are no digits
    const std::string again = open();
    EXPECT_EQ(post(again,
                   "\x00\x01\x01\xff"
                   "4echo hello\x01\x01\x00\xff\x04"
                   "echo \x01\x02\x03\x04"s,
                   "application/octet-stream")
                  .body,
              "ok");
    const Answer answer = poll(again);
    EXPECT_EQ(answer.headers.at("content-type"), "application/octet-stream");
    EXPECT_EQ(answer.body,
              "\x00\x06\xff"
              "4hello\x01\x05\xff\x04\x01\x02\x03\x04"s);
    EXPECT_EQ(post(again, "6:4echo "s).body, "ok");
    EXPECT_EQ(poll(again).headers.at("content-type"), "text/plain; charset=UTF-8");
}

TEST_F(Protocol3, AClientThatTakesNoBytesGetsBase64) {
    allow();
    const std::string sid = open("&b64=1");
    EXPECT_EQ(post(sid, "11:4echo hello14:b4ZWNobyABAgME").body, "ok");
    EXPECT_EQ(poll(sid).body, "6:4hello10:b4AQIDBA==");

    WebSocketClient client(port_);
    open_on(client, "&b64=1");
    client.send_text("b4ZWNobyABAgME");
    EXPECT_EQ(client.read_text(), "b4AQIDBA==");
}

TEST_F(Protocol3, WebSocketsCarryTextAndBytes) {
    allow();
    WebSocketClient client(port_);
    const std::string sid = open_on(client);
    client.send_text("4echo hi");
    EXPECT_EQ(client.read_text(), "4hi");
    client.send_binary(
        "\x04"
        "echo \x01\x02");
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.opcode, 2);
    EXPECT_EQ(frame.payload, "\x04\x01\x02");
    EXPECT_EQ(record_.of(sid), (Events{"message echo hi", "binary echo \x01\x02"}));
}

TEST_F(Protocol3, NonsenseEndsTheSession) {
    allow();
    for (const std::string body : {"abc", "", "4hello", "3:4a"}) {
        const std::string sid = open();
        post(sid, body);
        EXPECT_EQ(poll(sid).body, kUnknownSession);
        EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ParseError"});
    }
    for (const bool binary : {false, true}) {
        WebSocketClient client(port_);
        const std::string sid = open_on(client);
        client.send_frame(binary ? 2 : 1, "abc");
        EXPECT_EQ(client.read_text(), "<closed 1002>");
        EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed ParseError"});
    }
}

TEST_F(Protocol3, TheClientPings) {
    allow();
    const std::string sid = open();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(post(sid, "1:2").body, "ok");
        EXPECT_EQ(poll(sid).body, "1:3");
    }
    WebSocketClient client(port_);
    open_on(client);
    client.send_text("2");
    EXPECT_EQ(client.read_text(), "3");
    client.send_text("2data");
    EXPECT_EQ(client.read_text(), "3data");
}

TEST_F(Protocol3, APongFromAClientEndsTheSession) {
    allow();
    WebSocketClient client(port_);
    const std::string sid = open_on(client);
    client.send_text("3");
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed TransportError"});
}

TEST_F(Protocol3, AClientThatDoesNotPingIsClosed) {
    allow({.ping_interval = 60ms, .ping_timeout = 40ms});
    WebSocketClient client(port_);
    const std::string sid = open_on(client);
    EXPECT_EQ(client.read_text(), "<closed 1001>");  // and no ping before it
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"closed PingTimeout"});
}

TEST_F(Protocol3, APingRightAfterTheTimeOutFindsTheSessionClosed) {
    allow({.ping_interval = 60ms, .ping_timeout = 40ms});
    for (int i = 0; i < 5; ++i) {
        const std::string sid = open();
        std::this_thread::sleep_for(100ms);
        EXPECT_EQ(post(sid, "1:2").body, kUnknownSession);
    }
}

TEST_F(Protocol3, PingsKeepASessionOpen) {
    allow({.ping_interval = 1s, .ping_timeout = 1s});
    WebSocketClient client(port_);
    const std::string sid = open_on(client);
    for (int i = 0; i < 12; ++i) {
        std::this_thread::sleep_for(200ms);
        client.send_text("2");
        EXPECT_EQ(client.read_text(), "3");
    }
    EXPECT_TRUE(is_open(sid));
}

TEST_F(Protocol3, ASecondPollAndAClosePacketAreAnsweredInItsWords) {
    allow();
    const std::string twice = open();
    Connection first(port_);
    first.send_request("GET", target("polling", twice));
    EXPECT_TRUE(first.silent());
    EXPECT_EQ(poll(twice).body, kBadRequest);
    EXPECT_EQ(first.read_answer().body, "1:1");

    const std::string closed = open();
    Connection poller(port_);
    poller.send_request("GET", target("polling", closed));
    EXPECT_TRUE(poller.silent());
    EXPECT_EQ(post(closed, "1:1").body, "ok");
    EXPECT_EQ(poller.read_answer().body, "1:6");
    EXPECT_EQ(poll(closed).body, kUnknownSession);
}

TEST_F(Protocol3, TheUpgradeMovesTheSession) {
    allow();
    const std::string sid = open("&b64=1");
    WebSocketClient client(port_);
    EXPECT_EQ(client.upgrade(target("websocket", sid)).status, 101);
    client.send_text("2probe");
    EXPECT_EQ(client.read_text(), "3probe");
    EXPECT_EQ(poll(sid).body, "1:6");
    with_session(sid, [](Session& session) {
        session.send_text("queued");
        session.send_binary("\x01");
        session.send(PreparedPacket::text("shared"));
    });
    client.send_text("5");
    EXPECT_EQ(client.read_text(), "4queued");
    EXPECT_EQ(client.read_frame().payload, "\x04\x01");  // its WebSocket takes bytes, even though its polling did not
    EXPECT_EQ(client.read_text(), "4shared");
    EXPECT_EQ(poll(sid).body, kBadRequest);
    EXPECT_EQ(record_.wait_for(sid, 1), Events{"upgraded"});
}

TEST_F(Protocol3, ARequestOfTheOtherVersionDoesNotJoin) {
    allow();
    const std::string three = open();
    const std::string four = open_polling();
    EXPECT_EQ(Connection(port_).request("GET", polling(three)).body, kBadRequest);
    EXPECT_EQ(poll(four).body, kBadRequest);
    EXPECT_EQ(WebSocketClient(port_).upgrade(websocket(three)).body, kBadRequest);
    EXPECT_TRUE(is_open(three));
    EXPECT_TRUE(is_open(four));
}

TEST_F(Protocol3, OneBroadcastReachesClientsOfBothVersions) {
    allow();
    WebSocketClient old_client(port_), new_client(port_);
    const std::vector<std::string> sids{open_on(old_client), open_websocket(new_client), open(), open("&b64=1"), open_polling()};
    for (const PreparedPacket& packet : {PreparedPacket::text("hi"), PreparedPacket::bytes("\x01\x02\x03\x04")}) {
        for (const std::string& sid : sids) with_session(sid, [&](Session& session) { session.send(packet); });
    }
    EXPECT_EQ(old_client.read_text(), "4hi");
    EXPECT_EQ(old_client.read_frame().payload, "\x04\x01\x02\x03\x04");
    EXPECT_EQ(new_client.read_text(), "4hi");
    EXPECT_EQ(new_client.read_frame().payload, "\x01\x02\x03\x04");
    EXPECT_EQ(poll(sids[2]).body,
              "\x00\x03\xff"
              "4hi\x01\x05\xff\x04\x01\x02\x03\x04"s);
    EXPECT_EQ(poll(sids[3]).body, "3:4hi10:b4AQIDBA==");
    EXPECT_EQ(EngineTest::poll(sids[4]).body,
              "4hi\x1e"
              "bAQIDBA==");
}

}  // namespace
}  // namespace parley::engineio::test
