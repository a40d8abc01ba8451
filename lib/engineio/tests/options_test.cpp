// Options of the official server beyond the transports: cookie, CORS, trailing slash, what is told of refused requests and kept of accepted ones.
#include <future>
#include <thread>

#include "fixture.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::chrono_literals;

using Options = EngineTest;
const std::string kPolling = "/socket.io/?EIO=4&transport=polling";

TEST_F(Options, TheCookieHoldsTheSessionId) {
    start({.cookie = CookieOptions{}});
    Connection connection(port_);
    const Answer answer = connection.request("GET", kPolling);
    const std::string sid = sid_in(answer.body);
    EXPECT_EQ(answer.headers.at("set-cookie"), "io=" + sid + "; Path=/; HttpOnly; SameSite=Lax");
    with_session(sid, [](Session& session) { session.send_text("a"); });
    EXPECT_FALSE(connection.request("GET", polling(sid)).headers.contains("set-cookie"));
}

TEST_F(Options, TheCookieIsAsAskedFor) {
    start({.cookie = CookieOptions{.name = "pin",
                                   .path = "",
                                   .domain = "chat.example",
                                   .max_age = 60s,
                                   .http_only = false,
                                   .secure = true,
                                   .same_site = "None"}});
    const Answer answer = Connection(port_).request("GET", kPolling);
    EXPECT_EQ(answer.headers.at("set-cookie"), "pin=" + sid_in(answer.body) + "; Max-Age=60; Domain=chat.example; Secure; SameSite=None");
}

TEST_F(Options, WithoutItThereIsNoCookie) {
    start();
    EXPECT_FALSE(Connection(port_).request("GET", kPolling).headers.contains("set-cookie"));
}

TEST_F(Options, CorsSaysWhatItIsTold) {
    start({.origins = {.allowed = {"http://a.example"}},
           .cors_credentials = false,
           .cors = {.methods = {"GET", "POST", "PUT"},
                    .allowed_headers = {"x-one", "x-two"},
                    .exposed_headers = {"x-three", "x-four"},
                    .max_age = 600s}});
    const Fields fields{{"Origin", "http://a.example"}, {"Access-Control-Request-Headers", "x-other"}};
    const Answer preflight = Connection(port_).request("OPTIONS", kPolling, fields);
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "GET,POST,PUT");
    EXPECT_EQ(preflight.headers.at("access-control-allow-headers"), "x-one,x-two");
    EXPECT_EQ(preflight.headers.at("access-control-max-age"), "600");
    EXPECT_EQ(preflight.headers.at("vary"), "Origin");
    EXPECT_FALSE(preflight.headers.contains("access-control-allow-credentials"));
    const Answer answer = Connection(port_).request("GET", kPolling, fields);
    EXPECT_EQ(answer.headers.at("access-control-expose-headers"), "x-three,x-four");
    EXPECT_FALSE(answer.headers.contains("access-control-allow-methods"));
}

TEST_F(Options, WithATrailingSlashBothPathsAreServed) {
    start({.path = "/engine.io"});
    for (const std::string path : {"/engine.io", "/engine.io/"}) {
        EXPECT_EQ(Connection(port_).request("GET", path + "?EIO=4&transport=polling").status, 200) << path;
    }
    EXPECT_EQ(Connection(port_).request("GET", "/engine.io//?EIO=4&transport=polling").status, 404);
}

TEST_F(Options, WithoutATrailingSlashOnlyThatPathIsServed) {
    start({.path = "/engine.io/", .add_trailing_slash = false});
    EXPECT_EQ(Connection(port_).request("GET", "/engine.io?EIO=4&transport=polling").status, 200);
    EXPECT_EQ(Connection(port_).request("GET", "/engine.io/?EIO=4&transport=polling").status, 404);
}

TEST_F(Options, TheRequestIsKeptIfAskedFor) {
    start({.keep_request_head = true});
    const std::string sid = sid_in(Connection(port_).request("GET", kPolling + "&a=b", {{"X-Test", "yes"}}).body);
    EXPECT_TRUE(with_session(sid, [](Session& session) {
        ASSERT_NE(session.request_head(), nullptr);
        EXPECT_EQ(session.request_head()->target, kPolling + "&a=b");
        EXPECT_EQ(session.request_head()->headers.get("x-test"), "yes");
    }));
}

TEST_F(Options, OtherwiseOnlyWhatEverybodyNeeds) {
    start();
    const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    EXPECT_TRUE(with_session(open_polling(), [&](Session& session) {
        EXPECT_EQ(session.request_head(), nullptr);
        EXPECT_GE(session.opened_at(), before);
        EXPECT_LE(session.opened_at(), std::chrono::system_clock::now());
        EXPECT_EQ(session.protocol(), 4u);
    }));
}

class Writable : public EngineTest {
protected:
    bool writable(const std::string& sid) {
        bool answer = false;
        with_session(sid, [&](Session& session) { answer = session.writable(); });
        return answer;
    }
    // A poll that waits: it has arrived before the next request of its connection's loop is looked at.
    void wait_until_writable(const std::string& sid) {
        while (!writable(sid)) std::this_thread::sleep_for(1ms);
    }
};

TEST_F(Writable, OnPollingWhileAPollWaitsAndNothingIsQueued) {
    start();
    const std::string sid = open_polling();
    EXPECT_FALSE(writable(sid));
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    wait_until_writable(sid);
    with_session(sid, [](Session& session) {
        session.send_text("a");
        EXPECT_FALSE(session.writable());
    });
    EXPECT_EQ(poller.read_answer().body, "4a");
    EXPECT_FALSE(writable(sid));
}

TEST_F(Writable, NotBetweenTheTransports) {
    start();
    const std::string sid = open_polling();
    Connection poller(port_);
    poller.send_request("GET", polling(sid));
    wait_until_writable(sid);
    WebSocketClient client(port_);
    probe(client, sid);
    EXPECT_FALSE(writable(sid));
    finish_upgrade(client, sid);
    EXPECT_TRUE(writable(sid));
}

TEST_F(Writable, OnWebSocketUntilTheClientTakesNoMore) {
    start({.max_queued_bytes = 64 << 20});
    WebSocketClient client(port_, 4096);
    const std::string sid = open_websocket(client);
    with_session(sid, [](Session& session) {
        for (int i = 0; i < 16; ++i) {
            EXPECT_TRUE(session.writable());  // all of one turn
            session.send_text(std::string(1 << 20, 'x'));
        }
    });
    while (writable(sid)) std::this_thread::sleep_for(1ms);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(client.read_text().size(), (1u << 20) + 1);
    wait_until_writable(sid);
    with_session(sid, [](Session& session) {
        session.close(CloseReason::ForcedClose, net::CloseCode::Normal, "");
        EXPECT_FALSE(session.writable());
    });
}

class ConnectionErrors : public EngineTest {
protected:
    // "code message {name: value, ...} target"
    void listen(ServerOptions options = {}, std::size_t loops = 1) {
        options.on_connection_error = [this](const ConnectionError& error) {
            std::string text = std::to_string(error.code) + " " + std::string(error.message) + " {";
            for (const auto& [name, value] : error.context) text += name + ": " + value + ", ";
            if (!error.context.empty()) text.resize(text.size() - 2);
            record_.add("errors", text + "} " + std::string(error.head.method_name));
        };
        start(std::move(options), loops);
    }
    std::string error_of(std::string_view method, const std::string& target, const Fields& fields = {}) {
        const std::size_t before = record_.of("errors").size();
        Connection(port_).request(method, target, fields);
        return record_.wait_for("errors", before + 1).at(before);
    }
    Fields upgrade() {
        return {{"Connection", "Upgrade"},
                {"Upgrade", "websocket"},
                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                {"Sec-WebSocket-Version", "13"}};
    }
};

TEST_F(ConnectionErrors, AreToldWithTheContextOfTheOfficialServer) {
    listen();
    EXPECT_EQ(error_of("GET", "/socket.io/?EIO=4&transport=pigeon"), "0 Transport unknown {transport: pigeon} GET");
    EXPECT_EQ(error_of("GET", polling("nobody")), "1 Session ID unknown {sid: nobody} GET");
    EXPECT_EQ(error_of("PUT", kPolling), "2 Bad handshake method {method: PUT} PUT");
    EXPECT_EQ(error_of("GET", "/socket.io/?EIO=4&transport=websocket"), "3 Bad request {name: TRANSPORT_HANDSHAKE_ERROR} GET");
    EXPECT_EQ(error_of("GET", "/socket.io/?EIO=3&transport=polling"), "5 Unsupported protocol version {protocol: 3} GET");
    EXPECT_EQ(error_of("GET", kPolling + "&j=1"), "3 JSONP polling is not supported {name: JSONP_UNSUPPORTED} GET");
    const std::string sid = open_polling();
    EXPECT_EQ(error_of("GET", websocket(sid)),
              "3 Bad request {name: TRANSPORT_MISMATCH, transport: websocket, previousTransport: polling} GET");
    EXPECT_EQ(error_of("GET", "/socket.io/?EIO=3&transport=polling&sid=" + sid),
              "3 Bad request {name: PROTOCOL_MISMATCH, protocol: 3, previousProtocol: 4} GET");
    EXPECT_TRUE(is_open(sid));
    WebSocketClient client(port_);
    probe(client, sid);
    EXPECT_EQ(error_of("GET", websocket(sid), upgrade()), "3 Bad request {name: UPGRADE_REFUSED} GET");
    finish_upgrade(client, sid);
    EXPECT_EQ(error_of("GET", polling(sid)),
              "3 Bad request {name: TRANSPORT_MISMATCH, transport: polling, previousTransport: websocket} GET");
}

TEST_F(ConnectionErrors, TellOfWhomTheHookRefuses) {
    ServerOptions options;
    options.admit = [](HandshakeRequest, std::shared_ptr<const void>) -> Task<Admission> {
        co_return Admission::refuse(401, "no \"token\"");
    };
    listen(std::move(options));
    EXPECT_EQ(error_of("GET", kPolling), "4 Forbidden {message: no \"token\"} GET");
}

TEST_F(ConnectionErrors, ComeOnTheLoopOfTheRequest) {
    std::promise<std::size_t> told;
    ServerOptions options;
    options.on_connection_error = [&](const ConnectionError&) { told.set_value(Loop::current()->index()); };
    start(std::move(options), 4);
    const std::string sid = open_polling();
    Connection elsewhere = connection_on(loop_of(sid), false);
    const std::string other = open_polling(elsewhere);
    elsewhere.request("GET", websocket(sid));
    EXPECT_EQ(told.get_future().get(), loop_of(other));
}

TEST_F(ConnectionErrors, NothingIsToldOfWhatWorks) {
    listen();
    const std::string sid = open_polling();
    EXPECT_EQ(post(sid, "4hi").status, 200);
    EXPECT_EQ(record_.of("errors"), Events{});
}

}  // namespace
}  // namespace parley::engineio::test
