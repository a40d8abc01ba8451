// Every DisconnectReason, reached by what causes it in life: over real connections.
#include <gmock/gmock.h>

#include "api_fixture.hpp"
#include "core_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using engineio::test::Connection;
using test::Peer;
using testing::ElementsAre;

class DisconnectReasonTest : public test::ApiTest {
protected:
    ~DisconnectReasonTest() override { app.reset(); }  // before what its handlers use

    void listen(ServerOptions options = {}) {
        create(std::move(options));
        io().of("/other").on_disconnect([this](Socket&, DisconnectReason reason) { others.add(reason); });
        io().on_connection([this](Socket& socket) { met = &socket; });
        io().on_disconnecting([this](Socket& socket, DisconnectReason reason) {
            EXPECT_TRUE(socket.connected());
            announced.add(reason);
        });
        io().on_disconnect([this](Socket&, DisconnectReason reason) {
            EXPECT_THAT(announced.take(), ElementsAre(reason));
            ended.set_value(reason);
        });
        ApiTest::listen();
    }
    // Why the socket ended; it must, within half a minute.
    std::string why() {
        auto reason = ended.get_future();
        if (reason.wait_for(30s) != std::future_status::ready) return "it did not";
        ended = {};
        return std::string(to_string(reason.get()));
    }

    // A client over HTTP long-polling, in the default namespace.
    struct Poller {
        explicit Poller(std::uint16_t server) : port(server), connection(server) {
            const std::string open = connection.request("GET", "/socket.io/?EIO=4&transport=polling").body;
            target = "/socket.io/?EIO=4&transport=polling&sid=" + Core::id_of(open);
            post("40");
            EXPECT_THAT(connection.request("GET", target).body, testing::StartsWith("40{"));
        }
        int post(std::string_view body) { return connection.request("POST", target, {}, body).status; }
        std::uint16_t port;
        Connection connection;
        std::string target;
    };

    Socket* met = nullptr;
    Notes<DisconnectReason> announced;
    Notes<DisconnectReason> others;
    std::promise<DisconnectReason> ended;
};

TEST_F(DisconnectReasonTest, ServerNamespaceDisconnect) {
    listen();
    Peer a(port);
    on_loop([&] { met->disconnect(); });
    EXPECT_EQ(why(), "server namespace disconnect");
    Peer b(port);
    on_loop([&] { met->disconnect(true); });
    EXPECT_EQ(why(), "server namespace disconnect");
    Peer c(port);
    io().in(c.id).disconnect_sockets();
    EXPECT_EQ(why(), "server namespace disconnect");
}

TEST_F(DisconnectReasonTest, ClientNamespaceDisconnect) {
    listen();
    Peer peer(port);
    peer.send("0/other,");
    peer.next();
    peer.send("1");
    EXPECT_EQ(why(), "client namespace disconnect");
    EXPECT_TRUE(on_loop([&] { return others.take().empty(); })) << "its other namespaces are still there";
}

TEST_F(DisconnectReasonTest, ServerShuttingDown) {
    listen();
    Peer peer(port);
    peer.send("0/other,");
    peer.next();
    std::promise<void> closed;
    io().close(300ms, [&] { closed.set_value(); });
    EXPECT_EQ(why(), "server shutting down");
    closed.get_future().wait();
    EXPECT_THAT(others.take(), ElementsAre(DisconnectReason::ServerShuttingDown)) << "all of a session hear the same";
}

TEST_F(DisconnectReasonTest, PingTimeout) {
    ServerOptions options;
    options.ping_interval = 50ms;
    options.ping_timeout = 50ms;
    listen(std::move(options));
    Peer silent(port);
    EXPECT_EQ(why(), "ping timeout");
    Poller poller(port);
    EXPECT_EQ(why(), "ping timeout");
}

TEST_F(DisconnectReasonTest, TransportCloseByAWebSocket) {
    listen();
    Peer closes(port);
    closes.transport().send_frame(8, std::string("\x03\xe9", 2));
    EXPECT_EQ(why(), "transport close");
    Peer says_so(port);
    says_so.transport().send_text("1");
    EXPECT_EQ(why(), "transport close");
    Peer vanishes(port);
    vanishes.transport().close();
    EXPECT_EQ(why(), "transport close");
}

TEST_F(DisconnectReasonTest, TransportCloseByPolling) {
    listen();
    Poller poller(port);
    poller.post("1");
    EXPECT_EQ(why(), "transport close");
}

TEST_F(DisconnectReasonTest, TransportErrorByAWebSocket) {
    ServerOptions options;
    options.max_payload = 1000;
    listen(std::move(options));
    Peer breaks_the_protocol(port);
    breaks_the_protocol.transport().send_frame(3, "reserved");
    EXPECT_EQ(why(), "transport error");
    Peer too_long(port);
    too_long.transport().send_text(std::string(2000, 'x'));
    EXPECT_EQ(why(), "transport error");
}

TEST_F(DisconnectReasonTest, TransportErrorByPolling) {
    listen();
    Poller poller(port);
    Connection first(port);
    Connection second(port);
    first.send_request("GET", poller.target);
    on_loop([] {});
    second.send_request("GET", poller.target);
    EXPECT_EQ(why(), "transport error") << "two polls at once";
    Poller leaves(port);
    {
        Connection poll(port);
        poll.send_request("GET", leaves.target);
        EXPECT_TRUE(poll.silent());
    }
    EXPECT_EQ(why(), "transport error") << "a poll that was cut";
}

TEST_F(DisconnectReasonTest, ParseError) {
    listen();
    Peer packet(port);
    packet.send("9");
    EXPECT_EQ(why(), "parse error");
    Peer json(port);
    json.send(R"(2["x",])");
    EXPECT_EQ(why(), "parse error");
    Peer engine(port);
    engine.transport().send_text("x");
    EXPECT_EQ(why(), "parse error");
    Poller poller(port);
    poller.post("x");
    EXPECT_EQ(why(), "parse error");
}

TEST_F(DisconnectReasonTest, ForcedCloseByTheProgram) {
    listen();
    Peer peer(port);
    on_loop([&] { met->close_transport(net::CloseCode::PolicyViolation, "bye"); });
    EXPECT_EQ(why(), "forced close");
    EXPECT_EQ(peer.next(), "<closed 1008>");
}

TEST_F(DisconnectReasonTest, ForcedCloseOfWhoIsTooSlow) {
    ServerOptions options;
    options.max_queued_bytes = 10'000;
    listen(std::move(options));
    Poller never_polls(port);
    on_loop([&] {
        for (int i = 0; i < 20; ++i) met->emit("more", std::string(1000, 'x'));
    });
    EXPECT_EQ(why(), "forced close");
    EXPECT_EQ(on_loop([&] { return io().counters().closed_too_slow; }), 1u);
}

TEST_F(DisconnectReasonTest, ForcedServerClose) {
    listen();
    Peer stranger(port);
    stranger.send(R"(2/other,["not in there"])");
    EXPECT_EQ(why(), "forced server close");
    Peer twice(port);
    twice.send("0");
    EXPECT_EQ(why(), "forced server close");
}

}  // namespace
}  // namespace parley::socketio
