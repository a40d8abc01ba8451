// Requests that are refused: malformed ones, ones that proxies read differently, too large, too slow, too many.
#include <sys/resource.h>

#include "http_fixture.hpp"

namespace parley::net {
namespace {

struct BadRequest {
    const char* situation;
    unsigned status;
    std::string bytes;
};

std::string with_fields(const std::string& fields) {
    return "POST / HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}

const BadRequest kBadRequests[] = {
    {"bare LF behind the request line", 400, "GET / HTTP/1.1\nHost: test\r\n\r\n"},
    {"bare LF behind a field", 400, "GET / HTTP/1.1\r\nHost: test\nX: y\r\n\r\n"},
    {"bare LF as the empty line", 400, "GET / HTTP/1.1\r\nHost: test\r\n\n"},
    {"bare CR in a value", 400, with_fields("X: a\rb\r\n")},
    {"obsolete line folding", 400, with_fields("X: a\r\n b\r\n")},
    {"folding behind the request line", 400, "GET / HTTP/1.1\r\n Host: test\r\n\r\n"},
    {"space before the colon", 400, with_fields("Content-Length : 0\r\n")},
    {"field without a colon", 400, with_fields("nonsense\r\n")},
    {"field without a name", 400, with_fields(": value\r\n")},
    {"NUL in a value", 400, with_fields(std::string("X: a\0b\r\n", 8))},
    {"control character in a value", 400, with_fields("X: a\x01\r\n")},
    {"DEL in a value", 400, with_fields("X: a\x7f\r\n")},
    {"Content-Length with Transfer-Encoding", 400, with_fields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
    {"Transfer-Encoding with Content-Length", 400, with_fields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
    {"unknown Transfer-Encoding with Content-Length", 400, with_fields("Transfer-Encoding: x\r\nContent-Length: 3\r\n")},
    {"two different lengths", 400, with_fields("Content-Length: 3\r\nContent-Length: 4\r\n")},
    {"two equal lengths", 400, with_fields("Content-Length: 3\r\nContent-Length: 3\r\n")},
    {"list of equal lengths", 400, with_fields("Content-Length: 3, 3\r\n")},
    {"negative length", 400, with_fields("Content-Length: -1\r\n")},
    {"length with a sign", 400, with_fields("Content-Length: +1\r\n")},
    {"length in hexadecimal", 400, with_fields("Content-Length: 0x3\r\n")},
    {"empty length", 400, with_fields("Content-Length: \r\n")},
    {"length over 64 bits", 400, with_fields("Content-Length: 99999999999999999999\r\n")},
    {"two Transfer-Encodings", 400, with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {"Transfer-Encoding in HTTP/1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"gzip transfer coding", 501, with_fields("Transfer-Encoding: gzip, chunked\r\n")},
    {"identity transfer coding", 501, with_fields("Transfer-Encoding: identity\r\n")},
    {"chunked with a vertical tab", 400,
     with_fields("Transfer-Encoding: \x0b"
                 "chunked\r\n")},
    {"no Host", 400, "GET / HTTP/1.1\r\n\r\n"},
    {"two Hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
    {"Host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"Host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
    {"method with a bracket", 400, "GE(T / HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"no target", 400, "GET  HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"two spaces", 400, "GET  / HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"relative target", 400, "GET x HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"target of another scheme", 400, "GET ftp://test/ HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"control character in the target", 400, "GET /\x01 HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"asterisk without OPTIONS", 400, "GET * HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"CONNECT", 501, "CONNECT test:80 HTTP/1.1\r\nHost: test\r\n\r\n"},
    {"no version", 400, "GET /\r\nHost: test\r\n\r\n"},
    {"version in small letters", 400, "GET / http/1.1\r\nHost: test\r\n\r\n"},
    {"version with more behind it", 400, "GET / HTTP/1.1 x\r\nHost: test\r\n\r\n"},
    {"HTTP/2.0", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"HTTP/0.9", 505, "GET / HTTP/0.9\r\n\r\n"},
    {"another expectation", 417, with_fields("Expect: a miracle\r\n")},
    {"TLS on the plain port", 400, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12)},
    {"chunk size that is no number", 400, with_fields("Transfer-Encoding: chunked\r\n") + "x\r\n"},
    {"empty chunk size", 400, with_fields("Transfer-Encoding: chunked\r\n") + "\r\n"},
    {"chunk size in 0x form", 400, with_fields("Transfer-Encoding: chunked\r\n") + "0x3\r\nabc\r\n"},
    {"chunk size over 64 bits", 400, with_fields("Transfer-Encoding: chunked\r\n") + "1000000000000000f\r\n"},
    {"bare LF behind a chunk size", 400, with_fields("Transfer-Encoding: chunked\r\n") + "3\nabc\r\n"},
    {"bare LF in a chunk extension", 400, with_fields("Transfer-Encoding: chunked\r\n") + "3;a\nabc\r\n"},
    {"chunk longer than it says", 400, with_fields("Transfer-Encoding: chunked\r\n") + "3\r\nabcd\r\n"},
    {"bare LF in a trailer", 400, with_fields("Transfer-Encoding: chunked\r\n") + "0\r\nA: b\n\r\n"},
    {"endless chunk extension", 400, with_fields("Transfer-Encoding: chunked\r\n") + "3;" + std::string(5000, 'e')},
    {"endless trailer", 400, with_fields("Transfer-Encoding: chunked\r\n") + "0\r\nA: " + std::string(9000, 't')},
};

TEST_F(HttpTest, MalformedRequestsAreAnsweredAndTheConnectionClosed) {
    start();
    for (const BadRequest& bad : kBadRequests) {
        SCOPED_TRACE(bad.situation);
        Client client = connect();
        // What follows must never be taken for a request.
        client.send(bad.bytes + "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
        const Answer answer = client.read_answer();
        EXPECT_EQ(answer.status(), bad.status);
        EXPECT_TRUE(answer.has_line("Connection: close"));
        EXPECT_TRUE(answer.body.starts_with("error: "));
        EXPECT_TRUE(client.at_end());
    }
    EXPECT_EQ(handler_.handled, 0u);
    EXPECT_EQ(server_->counters().bad_requests, std::size(kBadRequests));
}

TEST_F(HttpTest, WellFormedOdditiesAreServed) {
    start();
    const std::string requests[] = {
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:5000\r\nX:\r\nY: \xc3\xa9\ttab\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n",
        "BREW /pot HTTP/1.1\r\nHost: test\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
        "GET http://test HTTP/1.1\r\nHost: test\r\n\r\n",
    };
    for (const std::string& request : requests) {
        SCOPED_TRACE(request);
        Client client = connect();
        client.send(request);
        EXPECT_EQ(client.read_answer().status(), 200u);
    }
}

TEST_F(HttpTest, GoodRequestsBeforeABadOneAreAnswered) {
    start();
    Client client = connect();
    client.send("GET /good HTTP/1.1\r\nHost: test\r\n\r\nnonsense\r\n\r\n");
    EXPECT_EQ(client.read_answer().body, "GET /good ");
    EXPECT_EQ(client.read_answer().status(), 400u);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpTest, HeadOverTheLimitGets431) {
    start();
    Client fits = connect();
    const std::string start_of_head = "GET / HTTP/1.1\r\nHost: test\r\nX: ";
    fits.send(start_of_head + std::string(limits_.max_header_bytes - start_of_head.size() - 4, 'x') + "\r\n\r\n");
    EXPECT_EQ(fits.read_answer().status(), 200u);
    Client over = connect();
    over.send(start_of_head + std::string(limits_.max_header_bytes - start_of_head.size() - 3, 'x') + "\r\n\r\n");
    EXPECT_EQ(over.read_answer().status(), 431u);
    EXPECT_TRUE(over.at_end());
    Client endless = connect();
    endless.send("GET /" + std::string(100'000, 'x'));
    EXPECT_EQ(endless.read_answer().status(), 431u);
    EXPECT_TRUE(endless.at_end());
}

TEST_F(HttpTest, AnnouncedBodyOverTheLimitGets413BeforeItIsRead) {
    handler_.max_body = 1000;
    start();
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_answer().status(), 413u);
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(handler_.errors_with_head, 1u);
}

TEST_F(HttpTest, ClientThatSendsItsWholeTooLargeBodySeesThe413) {
    handler_.max_body = 1000;
    start();
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x'));
    EXPECT_EQ(client.read_answer().status(), 413u);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpTest, ChunkedBodyIsLimitedByWhatItUnpacksTo) {
    handler_.max_body = 10;
    start();
    const std::string head = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
    Client fits = connect();
    fits.send(head + "5\r\nabcde\r\n5\r\nfghij\r\n0\r\n\r\n");
    EXPECT_EQ(fits.read_answer().body, "POST / abcdefghij");
    Client over = connect();
    over.send(head + "5\r\nabcde\r\n6\r\nfghijk\r\n0\r\n\r\n");
    EXPECT_EQ(over.read_answer().status(), 413u);
    EXPECT_TRUE(over.at_end());
}

TEST_F(HttpTest, HeadThatTricklesInGets408) {
    limits_.header_timeout = std::chrono::milliseconds(150);
    start();
    Client client = connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nX: ");
    std::atomic<bool> answered{false};
    std::thread sender([&] {
        while (!answered && client.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    EXPECT_EQ(client.read_answer().status(), 408u);
    answered = true;
    sender.join();
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(handler_.handled, 0u);
}

TEST_F(HttpTest, BodyThatTricklesInGets408) {
    limits_.body_timeout = std::chrono::milliseconds(150);
    start();
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n");
    std::atomic<bool> answered{false};
    std::thread sender([&] {
        while (!answered && client.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    EXPECT_EQ(client.read_answer().status(), 408u);
    answered = true;
    sender.join();
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(handler_.errors_with_head, 1u);
}

TEST_F(HttpTest, IdleConnectionIsClosedSilently) {
    limits_.keep_alive_timeout = std::chrono::milliseconds(100);
    start();
    Client fresh = connect();
    EXPECT_TRUE(fresh.at_end());
    Client used = connect();
    EXPECT_EQ(used.get("/").status(), 200u);
    EXPECT_TRUE(used.at_end());
}

TEST_F(HttpTest, ConnectionsOverTheCapGet503AndPlacesBecomeFreeAgain) {
    limits_.max_connections = 2;
    start();
    Client first = connect();
    Client second = connect();
    EXPECT_EQ(first.get("/").status(), 200u);
    EXPECT_EQ(second.get("/").status(), 200u);
    Client third = connect();
    EXPECT_EQ(third.get("/").status(), 503u);
    EXPECT_TRUE(third.at_end());
    EXPECT_EQ(server_->counters().connections_refused, 1u);
    EXPECT_EQ(server_->counters().connections_open, 2u);
    first.vanish();
    ASSERT_TRUE(wait_until([&] { return server_->counters().connections_open == 1; }));
    Client fourth = connect();
    EXPECT_EQ(fourth.get("/").status(), 200u);
}

TEST_F(HttpTest, RunningOutOfDescriptorsDelaysConnectionsAndLosesNone) {
    start();
    // UndefinedBehaviorSanitizer opens a pipe to look at a type that it meets for the first time: it shall have met this one.
    const auto a_turn = [] {};
    on_loop(a_turn);
    std::promise<void> go;
    loop().post([&] { go.get_future().get(); });  // the loop stands still while connections queue up
    std::vector<Client> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(connect());
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlimit scarce = limit;
    scarce.rlim_cur = static_cast<rlim_t>(clients.back().fd()) + 3;  // at most two of the five
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &scarce), 0);
    go.set_value();
    on_loop(a_turn);
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // one pause and a second failure
    EXPECT_LT(server_->counters().connections_accepted, 5u);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (Client& client : clients) EXPECT_EQ(client.get("/").status(), 200u);
}

}  // namespace
}  // namespace parley::net
