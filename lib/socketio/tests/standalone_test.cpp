// A server with everything around it: listening, other routes beside it, and the ways it ends.
#include "parley/socketio/standalone.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <stdexcept>
#include <thread>

#include "../../engineio/tests/client.hpp"

namespace parley::socketio {
namespace {

using engineio::test::Connection;
using engineio::test::WebSocketClient;

constexpr const char* kHandshake = "/socket.io/?EIO=4&transport=polling";
constexpr const char* kWebSocket = "/socket.io/?EIO=4&transport=websocket";

StandaloneOptions two_loops() {
    StandaloneOptions options;
    options.loops = 2;
    options.stop_timeout = std::chrono::milliseconds(200);  // these clients do not answer a close frame
    return options;
}

struct StandaloneTest : testing::Test {
    Standalone app{two_loops()};
    std::uint16_t port = 0;

    void listen() { port = app.listen("127.0.0.1", 0).value(); }
    // wait() in a thread of its own, and `end` when it has begun to serve.
    template <class End>
    void serve_until(End end) {
        std::thread waiting([this] { app.wait(); });
        end();
        waiting.join();
    }
};

TEST_F(StandaloneTest, AnswersHandshakes) {
    listen();
    const auto answer = Connection(port).request("GET", kHandshake);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, testing::StartsWith("0{\"sid\":"));
}

TEST_F(StandaloneTest, WithoutARouteOtherPathsAreNotFound) {
    listen();
    EXPECT_EQ(Connection(port).request("GET", "/").status, 404);
}

TEST_F(StandaloneTest, ARouteAnswersOtherPathsBesideTheServer) {
    app.on_request([](const net::HttpRequest& request, net::Exchange exchange) {
        exchange.respond(net::HttpResponse::text(200, "text/plain", std::string(request.path()) + " " + request.body));
    });
    listen();
    const auto answer = Connection(port).request("POST", "/own", {}, "words");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "/own words");
    EXPECT_EQ(Connection(port).request("GET", kHandshake).status, 200);
}

TEST_F(StandaloneTest, ABodyBeyondTheLimitNeverReachesTheRoute) {
    bool reached = false;
    app.on_request([&](const net::HttpRequest&, net::Exchange exchange) {
        reached = true;
        exchange.respond(net::HttpResponse::text(200, "text/plain", ""));
    });
    listen();
    EXPECT_EQ(Connection(port).request("POST", "/own", {}, std::string(100 * 1024 + 1, 'x')).status, 413);
    EXPECT_FALSE(reached);
}

TEST_F(StandaloneTest, APortInUseIsAnError) {
    listen();
    Standalone second(two_loops());
    const auto ended = second.run("127.0.0.1", port);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::AlreadyExists);
    EXPECT_TRUE(second.listen("127.0.0.1", 0)) << "after an error another port can be tried";
}

TEST_F(StandaloneTest, ASignalClosesWebSocketsAsGoingAway) {
    listen();
    WebSocketClient client(port);
    ASSERT_EQ(client.upgrade(kWebSocket).status, 101);
    EXPECT_THAT(client.read_text(), testing::StartsWith("0{\"sid\":"));
    serve_until([] { std::raise(SIGTERM); });
    EXPECT_EQ(client.read_frame().close_code(), 1001);
    EXPECT_THROW(Connection again(port), std::runtime_error) << "nobody listens";
}

TEST_F(StandaloneTest, AHandlerCanStopIt) {
    app.io().on("stop", [this](Socket&, const Arguments&) { app.stop(); });
    listen();
    WebSocketClient client(port);
    ASSERT_EQ(client.upgrade(kWebSocket).status, 101);
    serve_until([&] {
        client.send_text("40");
        client.send_text("42[\"stop\"]");
    });
    EXPECT_THROW(Connection again(port), std::runtime_error);
}

TEST_F(StandaloneTest, StoppedBeforeWaitingItDoesNotWait) {
    listen();
    app.stop();
    app.stop();
    app.wait();
    app.wait();
}

TEST(Standalone, TheSecondSignalHasItsUsualEffect) {
    Standalone app(two_loops());
    ASSERT_TRUE(app.listen("127.0.0.1", 0));
    std::thread waiting([&] { app.wait(); });
    std::raise(SIGINT);
    waiting.join();
    struct sigaction now{};
    ASSERT_EQ(::sigaction(SIGINT, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace parley::socketio
