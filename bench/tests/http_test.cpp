#include "clients/http.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "peer.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

class Asker final : public HttpConnection::Listener {
public:
    void answered(HttpConnection&, const HttpAnswer& answer) override {
        status = answer.status;
        head = answer.head;
        body = answer.body;
    }
    void failed(HttpConnection&, std::string_view why) override { failure = why; }

    int status = 0;
    std::string head;
    std::string body;
    std::string failure;
};

class HttpClientConnection : public testing::Test {
protected:
    void ask() {
        asker = {};
        connection.request("GET", "/");
    }
    void answer(std::string_view bytes) {
        peer.hear(poller, "\r\n\r\n");
        peer.say_slowly(poller, bytes);
        wait();
    }
    void wait() {
        poller.run_until([this] { return asker.status != 0 || !asker.failure.empty(); }, Clock::now() + 10s);
    }

    Poller poller;
    Peer peer;
    Asker asker;
    HttpConnection connection{poller, asker, peer.port()};
};

TEST_F(HttpClientConnection, PutsAnAnswerWithALengthTogetherAndAsksAgain) {
    ask();
    peer.accept();
    answer("HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\nEtag: \"x\"\r\n\r\nhello");
    EXPECT_EQ(asker.status, 200);
    EXPECT_EQ(asker.body, "hello");
    EXPECT_EQ(header_field(asker.head, "etag"), "\"x\"");
    EXPECT_EQ(header_field(asker.head, "tag"), "");
    ask();
    answer("HTTP/1.1 304 Not Modified\r\n\r\n");
    EXPECT_EQ(asker.status, 304);
    EXPECT_EQ(asker.body, "");
}

TEST_F(HttpClientConnection, PutsChunksTogether) {
    ask();
    peer.accept();
    answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\nB;a=b\r\npedia\r\n in \r\n0\r\n\r\n");
    EXPECT_EQ(asker.body, "wikipedia\r\n in ");
}

TEST_F(HttpClientConnection, OpensAgainAfterTheServerHasClosedBetweenTwoRequests) {
    ask();
    peer.accept();
    answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    peer.hang_up();
    ask();
    peer.accept();
    answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(asker.body, "ok");
}

TEST_F(HttpClientConnection, FailsIfTheServerClosesInsteadOfAnswering) {
    ask();
    peer.accept();
    peer.hear(poller, "\r\n\r\n");
    peer.hang_up();
    wait();
    EXPECT_EQ(asker.failure, "closed by the server");
    EXPECT_FALSE(connection.busy());
}

}  // namespace
}  // namespace bench
