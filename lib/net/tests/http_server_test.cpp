// The main path of the server over real sockets: requests, answers, their order.
#include "parley/net/http_server.hpp"

#include "http_fixture.hpp"

namespace parley::net {
namespace {

TEST_F(HttpTest, AnswersOneRequestAfterAnotherOnOneConnection) {
    start();
    Client client = connect();
    const Answer first = client.get("/a?x=1");
    EXPECT_EQ(first.status(), 200u);
    EXPECT_EQ(first.body, "GET /a?x=1 ");
    EXPECT_TRUE(first.head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(first.has_line("Content-Type: text/plain"));
    EXPECT_TRUE(parse_http_date(first.field("Date")));
    EXPECT_EQ(first.field("Connection"), "");
    EXPECT_EQ(client.get("/b").body, "GET /b ");
    EXPECT_EQ(server_->counters().requests, 2u);
    EXPECT_EQ(server_->counters().connections_accepted, 1u);
}

TEST_F(HttpTest, RequestMayComeByteByByte) {
    start();
    Client client = connect();
    for (const char c : std::string("\r\nPOST /slow HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc")) client.send({&c, 1});
    EXPECT_EQ(client.read_answer().body, "POST /slow abc");
}

TEST_F(HttpTest, TwentyPipelinedRequestsAreAnsweredInOrder) {
    start();
    Client client = connect();
    std::string requests;
    for (int i = 0; i < 20; ++i) {
        requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi";
    }
    client.send(requests);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.read_answer().body, "POST /" + std::to_string(i) + " hi");
}

TEST_F(HttpTest, PipelinedRequestWaitsForTheAnswerToTheOneBefore) {
    Exchange held;
    std::atomic<bool> is_held{false};
    handler_.on_request = [&](HttpRequest request, Exchange exchange) {
        if (request.target != "/hold") return exchange.respond(plain(request.target));
        held = std::move(exchange);
        is_held = true;
    };
    start();
    Client client = connect();
    client.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_TRUE(wait_until([&] { return is_held.load(); }));
    // Far more than may wait in the server: the rest stays in the socket.
    std::string requests;
    for (int i = 0; i < 3000; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n";
    std::thread sender([&] { client.send(requests); });
    on_loop([] {});
    EXPECT_EQ(handler_.handled, 1u);
    on_loop([&] { held.respond(plain("held")); });
    EXPECT_EQ(client.read_answer().body, "held");
    for (int i = 0; i < 3000; ++i) ASSERT_EQ(client.read_answer().body, "/" + std::to_string(i));
    sender.join();
}

TEST_F(HttpTest, HeadIsAnsweredWithTheLengthAndWithoutTheBody) {
    start();
    Client client = connect();
    client.send("HEAD /x HTTP/1.1\r\nHost: test\r\n\r\nGET /y HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_TRUE(client.read_answer(false).has_line("Content-Length: 8"));
    EXPECT_EQ(client.read_answer().body, "GET /y ");
}

TEST_F(HttpTest, NoContentAndNotModifiedHaveNeitherBodyNorLength) {
    handler_.on_request = [](HttpRequest request, Exchange exchange) {
        HttpResponse response = plain("dropped");
        response.status = request.target == "/204" ? 204 : 304;
        exchange.respond(std::move(response));
    };
    start();
    Client client = connect();
    client.send("GET /204 HTTP/1.1\r\nHost: test\r\n\r\nGET /304 HTTP/1.1\r\nHost: test\r\n\r\n");
    const Answer no_content = client.read_answer(false);
    EXPECT_EQ(no_content.status(), 204u);
    EXPECT_EQ(no_content.field("Content-Length"), "");
    const Answer not_modified = client.read_answer(false);
    EXPECT_EQ(not_modified.status(), 304u);
    EXPECT_EQ(not_modified.field("Content-Length"), "");
}

TEST_F(HttpTest, Http10ClosesUnlessAskedToKeepAlive) {
    start();
    Client closing = connect();
    closing.send("GET / HTTP/1.0\r\n\r\n");
    const Answer answer = closing.read_answer();
    EXPECT_EQ(answer.body, "GET / ");
    EXPECT_TRUE(answer.has_line("Connection: close"));
    EXPECT_TRUE(closing.at_end());

    Client keeping = connect();
    keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(keeping.read_answer().has_line("Connection: keep-alive"));
    keeping.send("GET /2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(keeping.read_answer().body, "GET /2 ");
}

TEST_F(HttpTest, ConnectionCloseIsHonoured) {
    start();
    Client client = connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: foo, Close\r\n\r\n");
    EXPECT_TRUE(client.read_answer().has_line("Connection: close"));
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpTest, ContinueIsSaidBeforeABodyThatIsWanted) {
    start();
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("he");
    client.send("llo");
    const Answer answer = client.read_answer();
    EXPECT_EQ(answer.status(), 200u);
    EXPECT_EQ(answer.body, "POST / hello");
}

TEST_F(HttpTest, ChunkedBodyIsUnpacked) {
    start();
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3;note=1\r\nabc\r\n0A\r\n");
    client.send("defghijklm\r\n0\r\nTrailer: dropped\r\n\r\nGET /next HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.read_answer().body, "POST / abcdefghijklm");
    EXPECT_EQ(client.read_answer().body, "GET /next ");
}

TEST_F(HttpTest, LargeBodiesGoThroughWhole) {
    handler_.max_body = 3'000'000;
    const auto shared = share(std::string(2'000'000, 's'));
    handler_.on_request = [&](HttpRequest request, Exchange exchange) {
        HttpResponse response = plain(std::move(request.body));
        if (request.target == "/shared") response.body = shared;
        exchange.respond(std::move(response));
    };
    start();
    Client client = connect();
    const std::string body(2'500'000, 'b');
    client.send("POST /own HTTP/1.1\r\nHost: test\r\nContent-Length: 2500000\r\n\r\n" + body);
    EXPECT_TRUE(client.read_answer().body == body);
    EXPECT_TRUE(client.get("/shared").body == *shared);
}

TEST_F(HttpTest, PartsOfSharedBytesAreOneBody) {
    const auto shared = share("0" + std::string(100'000, 'a') + "1" + std::string(100'000, 'b') + "2");
    handler_.on_request = [&](HttpRequest, Exchange exchange) {
        const std::string_view text = *shared;
        HttpResponse response = plain("");
        response.body = std::vector<SharedPart>{{shared, text.substr(0, 100'001)}, {shared, ""}, {shared, text.substr(100'002)}};
        exchange.respond(std::move(response));
    };
    start();
    Client client = connect();
    EXPECT_TRUE(client.get("/").body == "0" + std::string(100'000, 'a') + std::string(100'000, 'b') + "2");
    client.send("HEAD /x HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_TRUE(client.read_answer(false).has_line("Content-Length: 200002"));
    EXPECT_EQ(client.get("/").body.size(), 200'002u);
}

TEST_F(HttpTest, HandlerSeesPeerAndFields) {
    Address peer;
    std::string value;
    handler_.on_request = [&](HttpRequest request, Exchange exchange) {
        peer = request.peer;
        value = request.headers.get("x-thing");
        exchange.respond(plain(std::string(request.path()) + "|" + std::string(request.query())));
    };
    start();
    Client client = connect();
    client.send("GET http://elsewhere/p/q?r=s HTTP/1.1\r\nHost: test\r\nX-Thing:  two words \r\n\r\n");
    EXPECT_EQ(client.read_answer().body, "/p/q|r=s");
    EXPECT_EQ(value, "two words");
    EXPECT_TRUE(peer.ip.is_loopback());
    EXPECT_NE(peer.port, 0);
}

TEST_F(HttpTest, AnswerFieldThatWouldSplitTheMessageIsLeftOut) {
    handler_.on_request = [](HttpRequest, Exchange exchange) {
        HttpResponse response = plain("x");
        response.headers.add("X-Bad", "a\r\nSet-Cookie: b=c");
        response.headers.add("Content-Length", "7");
        response.headers.add("X-Good", "yes");
        exchange.respond(std::move(response));
    };
    start();
    Client client = connect();
    const Answer answer = client.get("/");
    EXPECT_EQ(answer.head.find("Set-Cookie"), std::string::npos);
    EXPECT_TRUE(answer.has_line("X-Good: yes"));
    EXPECT_TRUE(answer.has_line("Content-Length: 1"));
}

TEST_F(HttpTest, ManyConnectionsOnSeveralLoops) {
    start(4);
    std::vector<Client> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(connect());
    for (int round = 0; round < 3; ++round) {
        for (Client& client : clients) client.send("GET /r HTTP/1.1\r\nHost: test\r\n\r\n");
        for (Client& client : clients) ASSERT_EQ(client.read_answer().body, "GET /r ");
    }
    EXPECT_EQ(server_->counters().requests, 300u);
    EXPECT_EQ(server_->counters().connections_open, 100u);
    clients.clear();
    EXPECT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(HttpTest, SecondServerOnThePortIsToldThatItIsInUse) {
    start();
    LoopGroup loops(1);
    HttpServer second(loops, handler_);
    const auto port = second.listen("127.0.0.1", port_);
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().code, ErrorCode::AlreadyExists);
    EXPECT_EQ(port.error().message, "port " + std::to_string(port_) + " is in use");
}

TEST_F(HttpTest, HostThatIsNoAddressIsRefused) {
    LoopGroup loops(1);
    HttpServer server(loops, handler_);
    EXPECT_EQ(server.listen("nowhere.invalid", 0).error().code, ErrorCode::InvalidArgument);
}

TEST_F(HttpTest, AnyAddressTakesIPv4) {
    loops_ = std::make_unique<LoopGroup>(2);
    server_ = std::make_unique<HttpServer>(*loops_, handler_);
    const auto port = server_->listen("::", 0);
    ASSERT_TRUE(port) << port.error().message;
    port_ = *port;
    loops_->start();
    Client client = connect();
    EXPECT_EQ(client.get("/").status(), 200u);
}

}  // namespace
}  // namespace parley::net
