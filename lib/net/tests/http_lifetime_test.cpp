// Exchanges and connections that end in unusual ways: clients that leave, handlers that forget, upgrades, drains, shutdowns.
#include <fcntl.h>

#include "http_fixture.hpp"

namespace parley::net {
namespace {

// Keeps the exchanges of requests to /hold..., answers all else.
class HoldingTest : public HttpTest {
protected:
    HoldingTest() {
        handler_.on_request = [this](HttpRequest request, Exchange exchange) {
            if (!request.target.starts_with("/hold")) return exchange.respond(plain(request.target));
            if (request.target == "/hold-and-watch") exchange.on_abort([this] { ++aborts_; });
            held_.push_back(std::move(exchange));
            ++held_count_;
        };
    }
    void TearDown() override {
        if (loops_) loops_->stop();
        server_.reset();
        held_.clear();  // exchanges may outlive the server
        loops_.reset();
    }
    Client connect_and_hold(const std::string& target = "/hold") {
        Client client = connect();
        const unsigned before = held_count_;
        client.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
        EXPECT_TRUE(wait_until([&] { return held_count_ == before + 1; }));
        return client;
    }
    Exchange take_held() {
        return on_loop([this] {
            Exchange exchange = std::move(held_.back());
            held_.pop_back();
            return exchange;
        });
    }

    std::vector<Exchange> held_;  // loop only
    std::atomic<unsigned> held_count_{0};
    std::atomic<unsigned> aborts_{0};
};

TEST_F(HoldingTest, AnswerMayComeFromAnotherThread) {
    start();
    Client client = connect_and_hold();
    Exchange exchange = take_held();
    std::thread worker([&] { exchange.respond(plain("from elsewhere")); });
    worker.join();
    EXPECT_EQ(client.read_answer().body, "from elsewhere");
    EXPECT_EQ(client.get("/next").body, "/next");
}

TEST_F(HoldingTest, AnswerMayComeFromAnotherLoop) {
    start(2);
    Client client = connect();
    client.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_TRUE(wait_until([&] { return held_count_ == 1; }));
    for (std::size_t i = 0; i < 2; ++i) {
        (*loops_)[i].post([this] {
            if (held_.empty()) return;
            Exchange exchange = std::move(held_.back());
            held_.pop_back();
            exchange.respond(plain("posted"));
        });
        std::promise<void> ran;
        (*loops_)[i].post([&] { ran.set_value(); });
        ran.get_future().get();
    }
    EXPECT_EQ(client.read_answer().body, "posted");
}

TEST_F(HoldingTest, ForgottenExchangeAnswers500) {
    handler_.on_request = [](HttpRequest, Exchange) {};
    start();
    Client client = connect();
    EXPECT_EQ(client.get("/").status(), 500u);
    EXPECT_EQ(client.get("/again").status(), 500u);
}

TEST_F(HoldingTest, ExchangeForgottenOnAnotherThreadAnswers500) {
    start();
    Client client = connect_and_hold();
    {
        const Exchange forgotten = take_held();
    }
    EXPECT_EQ(client.read_answer().status(), 500u);
}

TEST_F(HoldingTest, ThrowingHandlerAnswers500) {
    handler_.on_request = [](HttpRequest, Exchange) { throw std::runtime_error("thrown on purpose"); };
    start();
    Client client = connect();
    EXPECT_EQ(client.get("/").status(), 500u);
}

TEST_F(HoldingTest, AbortIsToldWhenTheClientResets) {
    start();
    Client client = connect_and_hold("/hold-and-watch");
    client.reset();
    EXPECT_TRUE(wait_until([&] { return aborts_ == 1; }));
    EXPECT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(HoldingTest, AbortIsToldWhenTheClientCloses) {
    start();
    Client client = connect_and_hold("/hold-and-watch");
    client.vanish();
    EXPECT_TRUE(wait_until([&] { return aborts_ == 1; }));
}

TEST_F(HoldingTest, AbortIsToldOnceAndNotAfterAnAnswer) {
    start();
    Client answered = connect_and_hold("/hold-and-watch");
    on_loop([this] { std::exchange(held_, {}).back().respond(plain("done")); });
    EXPECT_EQ(answered.read_answer().body, "done");
    answered.reset();
    EXPECT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
    EXPECT_EQ(aborts_, 0u);
}

TEST_F(HoldingTest, AbortAskedForAfterTheClientLeftIsToldAsWell) {
    start();
    Client client = connect_and_hold();
    client.reset();
    ASSERT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
    on_loop([this] { held_.back().on_abort([this] { ++aborts_; }); });
    EXPECT_TRUE(wait_until([&] { return aborts_ == 1; }));
}

TEST_F(HoldingTest, AnswerAfterTheClientLeftGoesNowhere) {
    start();
    Client client = connect_and_hold();
    client.reset();
    ASSERT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
    Client next = connect();  // takes the same slot
    EXPECT_EQ(next.get("/next").body, "/next");
    Exchange stale = take_held();
    stale.respond(plain("too late"));
    EXPECT_EQ(next.get("/again").body, "/again");
}

TEST_F(HoldingTest, HalfClosedClientStillGetsItsAnswers) {
    start();
    Client client = connect();
    client.send("GET /one HTTP/1.1\r\nHost: test\r\n\r\nGET /hold HTTP/1.1\r\nHost: test\r\n\r\nGET /two HTTP/1.1\r\nHost: test\r\n\r\n");
    client.end_sending();
    EXPECT_EQ(client.read_answer().body, "/one");
    ASSERT_TRUE(wait_until([&] { return held_count_ == 1; }));
    take_held().respond(plain("held"));
    EXPECT_EQ(client.read_answer().body, "held");
    EXPECT_EQ(client.read_answer().body, "/two");
    EXPECT_TRUE(client.at_end());
}

TEST_F(HoldingTest, ClientThatEndsInTheMiddleOfARequestIsClosed) {
    start();
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc");
    client.end_sending();
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(handler_.handled, 0u);
}

TEST_F(HoldingTest, DetachHandsOverDescriptorUnreadBytesAndPlace) {
    DetachedConnection detached;
    std::promise<void> done;
    handler_.on_request = [&](HttpRequest request, Exchange exchange) {
        if (request.target != "/upgrade") return exchange.respond(plain(request.target));
        detached = exchange.detach();
        EXPECT_FALSE(exchange);
        done.set_value();
    };
    start();
    Client client = connect();
    client.send("GET /before HTTP/1.1\r\nHost: test\r\n\r\nGET /upgrade HTTP/1.1\r\nHost: test\r\n\r\nraw bytes");
    done.get_future().get();
    EXPECT_EQ(client.read_answer().body, "/before");
    ASSERT_GE(detached.fd, 0);
    EXPECT_NE(::fcntl(detached.fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(detached.unread, "raw bytes");
    EXPECT_TRUE(detached.peer.ip.is_loopback());
    ASSERT_TRUE(detached.slot);
    EXPECT_EQ(server_->counters().connections_open, 1u);
    EXPECT_EQ(::send(detached.fd, "raw", 3, MSG_NOSIGNAL), 3);
    EXPECT_EQ(client.read(3), "raw");
    client.send("more");
    char bytes[8];
    ASSERT_TRUE(wait_until([&] { return ::recv(detached.fd, bytes, sizeof bytes, MSG_PEEK) > 0; }));  // nobody else reads it
    detached = DetachedConnection();
    EXPECT_EQ(server_->counters().connections_open, 0u);
}

TEST_F(HoldingTest, DetachLaterAndAfterTheClientLeft) {
    start();
    Client client = connect_and_hold();
    client.send("early");
    std::string unread = on_loop([this] { return held_.back().detach(); }).unread;
    EXPECT_TRUE(std::string("early").starts_with(unread));

    Client leaving = connect_and_hold();
    leaving.reset();
    ASSERT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
    EXPECT_EQ(on_loop([this] { return held_.back().detach(); }).fd, -1);
}

TEST_F(HoldingTest, DrainClosesIdleConnectionsAndWaitsForAnswers) {
    start(2);
    Client idle = connect();
    EXPECT_EQ(idle.get("/").status(), 200u);
    Client busy = connect_and_hold();
    server_->stop_accepting();
    std::atomic<unsigned> done{0};
    server_->drain(std::chrono::seconds(60), [&] { ++done; });
    EXPECT_TRUE(idle.at_end());
    EXPECT_EQ(done, 0u);
    loop().post([this] { std::exchange(held_, {}).back().respond(plain("last")); });
    const Answer answer = busy.read_answer();
    EXPECT_EQ(answer.body, "last");
    EXPECT_TRUE(answer.has_line("Connection: close"));
    EXPECT_TRUE(busy.at_end());
    EXPECT_TRUE(wait_until([&] { return done == 1; }));
}

TEST_F(HoldingTest, DrainEndsByItsTimeOut) {
    start();
    Client busy = connect_and_hold();
    std::atomic<unsigned> done{0};
    server_->drain(std::chrono::milliseconds(50), [&] { ++done; });
    EXPECT_TRUE(wait_until([&] { return done == 1; }));
    loop().post([this] { std::exchange(held_, {}).back().respond(plain("late")); });
    EXPECT_EQ(busy.read_answer().body, "late");
    EXPECT_TRUE(busy.at_end());
    EXPECT_EQ(done, 1u);
}

TEST_F(HoldingTest, StopAcceptingServesWhatIsQueuedAndRefusesWhatIsNot) {
    start();
    std::promise<void> go;
    loop().post([&] { go.get_future().get(); });  // the loop stands still while connections queue up
    Client queued = connect();
    queued.send("GET /queued HTTP/1.1\r\nHost: test\r\n\r\n");
    server_->stop_accepting();
    go.set_value();
    EXPECT_EQ(queued.read_answer().body, "/queued");
    on_loop([] {});
    const Client late = connect();
    EXPECT_FALSE(late.connected());
}

TEST_F(HoldingTest, ServerGoesWhileExchangesAreOpen) {
    start(2);
    Client client = connect_and_hold("/hold-and-watch");
    Client other = connect();
    other.send("GET /half");
    loops_->stop();
    server_.reset();
    EXPECT_EQ(client.read_to_end(), "");
    held_.back().respond(plain("nobody hears this"));
    EXPECT_EQ(aborts_, 0u);
}

}  // namespace
}  // namespace parley::net
