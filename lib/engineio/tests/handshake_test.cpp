// What the server answers before there is a session, as recorded from the official server.
#include "fixture.hpp"
#include "parley/base/log.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::chrono_literals;

// Status, then the body.
struct Expected {
    int status;
    std::string body;
};

class HandshakeTest : public EngineTest {
protected:
    void expect(std::string_view method, std::string_view target, const Expected& expected, const Fields& fields = {}) {
        const Answer answer = Connection(port_).request(method, target, fields);
        SCOPED_TRACE(std::string(method) + " " + std::string(target));
        EXPECT_EQ(answer.status, expected.status);
        EXPECT_EQ(answer.body, expected.body);
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_EQ(answer.headers.at("vary"), "Origin");
        EXPECT_FALSE(answer.headers.contains("cache-control"));
    }
};

const Expected kUnknownTransport{400, R"({"code":0,"message":"Transport unknown"})"};
const Expected kUnknownSession{400, R"({"code":1,"message":"Session ID unknown"})"};
const Expected kBadMethod{400, R"({"code":2,"message":"Bad handshake method"})"};
const Expected kBadRequest{400, R"({"code":3,"message":"Bad request"})"};
const Expected kUnsupported{400, R"({"code":5,"message":"Unsupported protocol version"})"};

TEST_F(HandshakeTest, PollingOpensASession) {
    start();
    const Answer answer = Connection(port_).request("GET", "/socket.io/?EIO=4&transport=polling&t=abc123");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "text/plain; charset=UTF-8");
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
    EXPECT_EQ(answer.headers.at("vary"), "Origin");
    const std::string sid = sid_in(answer.body);
    EXPECT_EQ(answer.body,
              R"(0{"sid":")" + sid + R"(","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    EXPECT_TRUE(is_open(sid));
}

TEST_F(HandshakeTest, WebSocketOpensASession) {
    start();
    WebSocketClient client(port_);
    EXPECT_EQ(client.upgrade("/socket.io/?EIO=4&transport=websocket").status, 101);
    const std::string packet = client.read_text();
    EXPECT_EQ(packet,
              R"(0{"sid":")" + sid_in(packet) + R"(","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    EXPECT_TRUE(is_open(sid_in(packet)));
}

TEST_F(HandshakeTest, WrongRequestsAreRefusedAsRecorded) {
    start();
    expect("GET", "/socket.io/?EIO=4&transport=polling&sid=doesnotexist", kUnknownSession);
    expect("POST", "/socket.io/?EIO=4&transport=polling&sid=doesnotexist", kUnknownSession);
    expect("GET", "/socket.io/?EIO=3&transport=polling", kUnsupported);
    expect("GET", "/socket.io/?transport=polling", kUnsupported);
    expect("GET", "/socket.io/?EIO=5&transport=polling", kUnsupported);
    expect("GET", "/socket.io/?EIO=4&transport=carrierpigeon", kUnknownTransport);
    expect("GET", "/socket.io/?EIO=4", kUnknownTransport);
    expect("GET", "/socket.io/", kUnknownTransport);
    expect("GET", "/socket.io", kUnknownTransport);
    expect("POST", "/socket.io/?EIO=4&transport=polling", kBadMethod);
    expect("PUT", "/socket.io/?EIO=4&transport=polling", kBadMethod);
    expect("GET", "/socket.io/?EIO=4&transport=websocket", kBadRequest);
}

TEST_F(HandshakeTest, IdsOfOtherServersAreUnknown) {
    start({.node = 7});
    const std::string sid = open_polling();
    std::string other_node = sid;
    other_node[2] = other_node[2] == 'A' ? 'B' : 'A';
    expect("GET", polling(other_node), kUnknownSession);
    std::string other_loop = sid;
    other_loop[4] = 'x';
    expect("GET", polling(other_loop), kUnknownSession);
    EXPECT_TRUE(is_open(sid));
}

TEST_F(HandshakeTest, AnotherTransportWithoutUpgradeIsABadRequest) {
    start();
    const std::string sid = open_polling();
    expect("GET", websocket(sid), kBadRequest);
    expect("PUT", polling(sid), kBadRequest);
    EXPECT_TRUE(is_open(sid));
}

TEST_F(HandshakeTest, TransportsCanBeSwitchedOff) {
    start({.allow_polling = false});
    expect("GET", "/socket.io/?EIO=4&transport=polling", kUnknownTransport);
}

TEST_F(HandshakeTest, WithoutUpgradesNoneIsOffered) {
    start({.allow_upgrades = false});
    Connection connection(port_);
    const Answer answer = connection.request("GET", "/socket.io/?EIO=4&transport=polling");
    EXPECT_NE(answer.body.find(R"("upgrades":[])"), std::string::npos);
    WebSocketClient client(port_);
    EXPECT_EQ(client.upgrade(websocket(sid_in(answer.body))).status, 400);
    EXPECT_TRUE(is_open(sid_in(answer.body)));
}

TEST_F(HandshakeTest, AWebSocketHandshakeWithoutKeyIsRefused) {
    start();
    const Answer answer =
        Connection(port_).request("GET", "/socket.io/?EIO=4&transport=websocket", {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.headers.at("vary"), "Origin");
}

TEST_F(HandshakeTest, TheSessionKeepsTheQueryAndTheAddress) {
    start({.proxies = {.networks = {*net::Network::parse("127.0.0.0/8")}}});
    Connection connection(port_);
    const Answer answer = connection.request("GET", "/socket.io/?EIO=4&transport=polling&userId=5",
                                             {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}});
    EXPECT_TRUE(with_session(sid_in(answer.body), [](Session& session) {
        EXPECT_EQ(session.query(), "EIO=4&transport=polling&userId=5");
        EXPECT_EQ(session.client_address().to_string(), "203.0.113.9");
        EXPECT_TRUE(session.secure());
        EXPECT_FALSE(session.on_websocket());
    }));
}

class OriginTest : public HandshakeTest {
protected:
    void SetUp() override {
        logged.clear();
        log::set_sink([](log::Level, std::string_view text) { logged += text; }, log::Level::Info);
        start({.origins = {.allowed = {"http://localhost:3000"}}, .origins_setting = "--the-setting"});
    }
    void TearDown() override {
        loops_->stop();
        log::set_sink(nullptr, log::Level::Error);
    }
    static inline std::string logged;
};

TEST_F(OriginTest, AllowedOriginsMayReadAnswers) {
    const Fields fields{{"Origin", "http://localhost:3000"}};
    for (const std::string target : {"/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=polling&sid=doesnotexist"}) {
        const Answer answer = Connection(port_).request("GET", target, fields);
        EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "http://localhost:3000");
        EXPECT_EQ(answer.headers.at("access-control-allow-credentials"), "true");
        EXPECT_EQ(answer.headers.at("vary"), "Origin");
    }
}

TEST_F(OriginTest, OthersMayNot) {
    for (const std::string origin : {"http://evil.example", "http://localhost:4000", "null"}) {
        const Answer answer = Connection(port_).request("GET", "/socket.io/?EIO=4&transport=polling", {{"Origin", origin}});
        EXPECT_EQ(answer.status, 200);
        EXPECT_FALSE(answer.headers.contains("access-control-allow-origin"));
        EXPECT_EQ(answer.headers.at("vary"), "Origin");
    }
}

TEST_F(OriginTest, PreflightsAreAnswered) {
    Fields fields{
        {"Origin", "http://localhost:3000"}, {"Access-Control-Request-Method", "POST"}, {"Access-Control-Request-Headers", "content-type"}};
    Answer answer = Connection(port_).request("OPTIONS", "/socket.io/?EIO=4&transport=polling", fields);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "http://localhost:3000");
    EXPECT_EQ(answer.headers.at("access-control-allow-credentials"), "true");
    EXPECT_EQ(answer.headers.at("access-control-allow-methods"), "GET,POST");
    EXPECT_EQ(answer.headers.at("access-control-allow-headers"), "content-type");
    EXPECT_EQ(answer.headers.at("vary"), "Origin, Access-Control-Request-Headers");
    fields["Origin"] = "http://evil.example";
    answer = Connection(port_).request("OPTIONS", "/socket.io/?EIO=4&transport=polling", fields);
    EXPECT_EQ(answer.status, 204);
    EXPECT_FALSE(answer.headers.contains("access-control-allow-origin"));
}

TEST_F(OriginTest, AWebSocketFromAForeignOriginIsRefusedAndLogged) {
    const std::string sid = open_polling();
    for (const std::string& target : {std::string("/socket.io/?EIO=4&transport=websocket"), websocket(sid)}) {
        logged.clear();
        const Answer answer = WebSocketClient(port_).upgrade(target, {{"Origin", "http://evil.example"}, {"Host", "chat.example"}});
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.body, R"({"code":4,"message":"Forbidden"})");
        for (const std::string word : {"http://evil.example", "chat.example", "--the-setting"}) {
            EXPECT_NE(logged.find(word), std::string::npos) << logged;
        }
    }
    EXPECT_TRUE(is_open(sid));
    EXPECT_EQ(server_->counters().origins_refused, 2u);
}

TEST_F(OriginTest, WebSocketsFromAllowedOriginsAndTheSameHostOpen) {
    for (const std::string origin : {"http://localhost:3000", "http://chat.example"}) {
        WebSocketClient client(port_);
        EXPECT_EQ(client.upgrade("/socket.io/?EIO=4&transport=websocket", {{"Origin", origin}, {"Host", "chat.example"}}).status, 101);
    }
}

TEST_F(OriginTest, APostFromAForeignSiteIsRefused) {
    const std::string sid = open_polling();
    const std::vector<Fields> refused{{{"Origin", "http://evil.example"}}, {{"Origin", "null"}}, {{"Sec-Fetch-Site", "cross-site"}}};
    for (const Fields& fields : refused) {
        const Answer answer = post(sid, "4hi", fields);
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.body, R"({"code":4,"message":"Forbidden"})");
    }
    EXPECT_EQ(post(sid, "4yes", {{"Origin", "http://localhost:3000"}, {"Sec-Fetch-Site", "cross-site"}}).status, 200);
    EXPECT_EQ(post(sid, "4too", {{"Sec-Fetch-Site", "same-origin"}}).status, 200);
    EXPECT_EQ(record_.of(sid), (Events{"message yes", "message too"}));
}

}  // namespace
}  // namespace parley::engineio::test
