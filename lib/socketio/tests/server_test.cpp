// The whole library on real sockets: what a client sends and gets, over polling, WebSocket and the way from one to the other.
#include "parley/socketio/server.hpp"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "../../engineio/tests/client.hpp"

namespace parley::socketio {
namespace {

using engineio::test::Answer;
using engineio::test::Connection;
using engineio::test::WebSocketClient;

class ServerTest : public testing::Test, public net::HttpHandler {
protected:
    ~ServerTest() override {
        loops->stop();
        http.reset();
        io.reset();
    }

    void create(std::size_t loop_count = 1, ServerOptions options = {}) {
        loops = std::make_unique<LoopGroup>(loop_count);
        io = std::make_unique<Server>(*loops, std::move(options));
        http = std::make_unique<net::HttpServer>(*loops, *this);
    }
    void start() {
        port = http->listen("127.0.0.1", 0).value();
        loops->start();
    }

    static std::string sid_in(std::string_view packet) {
        const auto value = parse_json(packet.substr(packet.find('{')));
        return value ? (*value)["sid"].as_string() : "";
    }

    // Polling. A body with several packets is taken apart.
    std::string open() { return sid_in(Connection(port).request("GET", "/socket.io/?EIO=4&transport=polling&userId=u1").body); }
    static std::string target(const std::string& sid) { return "/socket.io/?EIO=4&transport=polling&sid=" + sid; }
    Answer post(const std::string& sid, std::string_view body) {
        return Connection(port).request("POST", target(sid), {{"Content-Type", "text/plain;charset=UTF-8"}}, body);
    }
    std::vector<std::string> poll(const std::string& sid) {
        std::vector<std::string> packets;
        std::string body = Connection(port).request("GET", target(sid)).body;
        for (std::size_t end = 0; end != std::string::npos; body.erase(0, end + 1)) {
            end = body.find('\x1e');
            packets.push_back(body.substr(0, end));
            if (end == std::string::npos) break;
        }
        return packets;
    }

    // WebSocket. Pings are left out.
    static std::string next(WebSocketClient& client) {
        std::string text = client.read_text();
        return text == "2" ? next(client) : text;
    }
    std::unique_ptr<WebSocketClient> connect(std::string_view packet = "40") {
        auto client = std::make_unique<WebSocketClient>(port);
        EXPECT_EQ(client->upgrade("/socket.io/?EIO=4&transport=websocket").status, 101);
        EXPECT_THAT(next(*client), testing::StartsWith("0{"));
        client->send_text(packet);
        EXPECT_THAT(next(*client), testing::StartsWith(R"(40{"sid":")"));
        return client;
    }

    std::unique_ptr<LoopGroup> loops;
    std::unique_ptr<Server> io;
    std::unique_ptr<net::HttpServer> http;
    std::uint16_t port = 0;

private:
    std::size_t max_body_bytes(const net::RequestHead& head) override { return io->max_body_bytes(head); }
    void handle(net::HttpRequest request, net::Exchange exchange) override {
        if (io->serves(request)) io->handle(std::move(request), std::move(exchange));
    }
    net::HttpResponse error(unsigned status, std::string_view, const net::RequestHead* head) override {
        return head ? io->error(status, *head) : net::HttpResponse::text(status, "text/plain", "");
    }
};

TEST_F(ServerTest, APollingClientConnectsSendsAndReceives) {
    create();
    io->on("say", [](Socket& socket, Arguments arguments) { socket.emit("said", {socket.query("userId"), arguments[0]}); });
    start();
    const std::string sid = open();
    EXPECT_EQ(post(sid, "40").body, "ok");
    const auto connected = poll(sid);
    ASSERT_EQ(connected.size(), 1u);
    EXPECT_NE(sid_in(connected[0]), sid);
    post(sid, "42[\"say\",\"é\"]\x1e\x34\x32[\"nobody\"]\x1e\x34\x32[\"say\",2]");
    EXPECT_EQ(poll(sid), (std::vector<std::string>{R"(42["said","u1","é"])", R"(42["said","u1",2])"}));
}

TEST_F(ServerTest, AWebSocketClientGetsEventsAcknowledgementsAndBytes) {
    create();
    io->on("ask", [](Socket&, Arguments arguments, Ack ack) { ack({"yes", arguments[0]}); });
    io->on("file", [](Socket& socket, Arguments arguments) { socket.emit("file", arguments[0]); });
    start();
    auto client = connect(R"(40{"token":"x"})");
    client->send_text(R"(421["ask",7])");
    EXPECT_EQ(next(*client), R"(431["yes",7])");
    client->send_text(R"(451-["file",{"_placeholder":true,"num":0}])");
    client->send_binary("\x01\x02");
    EXPECT_EQ(next(*client), R"(451-["file",{"_placeholder":true,"num":0}])");
    const auto frame = client->read_frame();
    EXPECT_EQ(frame.opcode, 2);
    EXPECT_EQ(frame.payload, "\x01\x02");
}

TEST_F(ServerTest, ASessionMovesToWebSocketAndIsToldSo) {
    create();
    io->on_upgrade([](Socket& socket) { socket.emit("moved", socket.on_websocket()); });
    start();
    const std::string sid = open();
    post(sid, "40");
    poll(sid);
    WebSocketClient client(port);
    ASSERT_EQ(client.upgrade("/socket.io/?EIO=4&transport=websocket&sid=" + sid).status, 101);
    client.send_text("2probe");
    EXPECT_EQ(next(client), "3probe");
    client.send_text("5");
    EXPECT_EQ(next(client), R"(42["moved",true])");
}

TEST_F(ServerTest, AnUnknownNamespaceIsRefusedAndTheSessionLives) {
    create();
    start();
    auto client = connect();
    client->send_text("40/admin,");
    EXPECT_EQ(next(*client), R"(44/admin,{"message":"Invalid namespace"})");
    io->everybody().emit("x", {});
    EXPECT_EQ(next(*client), R"(42["x"])");
}

TEST_F(ServerTest, AMalformedPacketClosesTheTransport) {
    create();
    std::promise<DisconnectReason> reason;
    io->on_disconnect([&](Socket&, DisconnectReason why) { reason.set_value(why); });
    start();
    auto client = connect();
    client->send_text(R"(42["connect"])");
    EXPECT_EQ(next(*client), "<closed 1008>");
    EXPECT_EQ(reason.get_future().get(), DisconnectReason::ParseError);
}

TEST_F(ServerTest, AMalformedPacketByPollingEndsTheSession) {
    create();
    start();
    const std::string sid = open();
    post(sid, "40");
    poll(sid);
    post(sid, "4nonsense");
    EXPECT_EQ(Connection(port).request("GET", target(sid)).status, 400);
}

TEST_F(ServerTest, DisconnectSendsItsPacketAndCloseEndsTheTransport) {
    create();
    io->on("leave", [](Socket& socket, Arguments arguments) { socket.disconnect(arguments[0].as_bool()); });
    start();
    auto stays = connect();
    stays->send_text(R"(42["leave",false])");
    EXPECT_EQ(next(*stays), "41");
    stays->send_text("40");
    EXPECT_THAT(next(*stays), testing::StartsWith("40{"));
    auto goes = connect();
    goes->send_text(R"(42["leave",true])");
    EXPECT_EQ(next(*goes), "41");
    EXPECT_EQ(next(*goes), "<closed 1000>");
}

TEST_F(ServerTest, ARefusedHandshakeAndAnIdentity) {
    ServerOptions options;
    options.admit = [](HandshakeRequest request, std::shared_ptr<const void>) -> Task<Admission> {
        if (request.head.headers.get("cookie") != "who=me") co_return Admission::refuse(403, "not you");
        co_return Admission::allow(std::make_shared<const int>(42));
    };
    create(1, std::move(options));
    io->on("who", [](Socket& socket, Arguments) { socket.emit("you", *static_cast<const int*>(socket.identity().get())); });
    start();
    EXPECT_EQ(Connection(port).request("GET", "/socket.io/?EIO=4&transport=polling").status, 403);
    const Answer opened = Connection(port).request("GET", "/socket.io/?EIO=4&transport=polling", {{"Cookie", "who=me"}});
    const std::string sid = sid_in(opened.body);
    post(sid, "40\x1e\x34\x32[\"who\"]");
    EXPECT_THAT(poll(sid), testing::Contains(R"(42["you",42])"));
}

TEST_F(ServerTest, CloseEndsTransportsWithoutADisconnectPacket) {
    create(2);
    std::promise<DisconnectReason> reason;
    io->on_disconnect([&](Socket&, DisconnectReason why) { reason.set_value(why); });
    start();
    auto client = connect();
    std::promise<void> done;
    io->close(std::chrono::seconds(30), [&] { done.set_value(); });
    EXPECT_EQ(next(*client), "<closed 1001>");
    client->close();
    EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
    EXPECT_EQ(reason.get_future().get(), DisconnectReason::ServerShuttingDown);
    EXPECT_EQ(Connection(port).request("GET", "/socket.io/?EIO=4&transport=polling").status, 503);
}

TEST_F(ServerTest, CountersTellWhatIsOpen) {
    create(2);
    start();
    auto first = connect();
    auto second = connect();
    const std::string unconnected = open();
    const auto counters = io->counters();
    EXPECT_EQ(counters.sessions, 3u);
    EXPECT_EQ(counters.sockets, 2u);
    EXPECT_EQ(counters.packets_in, 2u);
    EXPECT_EQ(counters.packets_out, 2u);
}

// Four loops, three threads that broadcast, sockets that come and go meanwhile: each receiver sees each sender's numbers complete and in order.
TEST_F(ServerTest, ManyClientsOnManyLoopsSeeEverySendersOrder) {
    constexpr std::size_t kLoops = 4, kClients = 12, kSenders = 3;
    constexpr int kNumbers = 300;
    create(kLoops);
    io->on_connection([](Socket& socket) { socket.join("all"); });
    start();
    std::vector<std::unique_ptr<WebSocketClient>> clients;
    for (std::size_t i = 0; i < kClients; ++i) clients.push_back(connect());

    std::vector<std::thread> threads;
    for (std::size_t sender = 0; sender < kSenders; ++sender) {
        threads.emplace_back([this, sender] {
            for (int n = 0; n < kNumbers; ++n) io->to("all").emit("n", {sender, n});
        });
    }
    std::jthread visitors([this] {
        for (int i = 0; i < 20; ++i) connect();
    });
    for (auto& client : clients) {
        std::vector<int> expected(kSenders, 0);
        for (std::size_t received = 0; received < kSenders * kNumbers; ++received) {
            const std::string text = next(*client);
            ASSERT_THAT(text, testing::StartsWith(R"(42["n",)"));
            const auto packet = parse_json(text.substr(2));
            ASSERT_TRUE(packet);
            const auto sender = static_cast<std::size_t>((*packet)[1].as_integer());
            ASSERT_EQ((*packet)[2].as_integer(), expected.at(sender)++);
        }
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace parley::socketio
