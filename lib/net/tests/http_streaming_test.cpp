// Bodies that are produced piece by piece, at the pace of the client.
#include "http_fixture.hpp"

namespace parley::net {
namespace {

// Yields `count` pieces of `size` bytes and tells how many were asked for.
class Pieces : public BodySource {
public:
    Pieces(std::size_t count, std::size_t size) : count_(count), size_(size) {}

    std::optional<std::uint64_t> announced;
    std::optional<std::size_t> fails_at;
    std::atomic<std::size_t>* produced = nullptr;
    std::atomic<bool>* destroyed = nullptr;

    ~Pieces() override {
        if (destroyed) *destroyed = true;
    }
    std::optional<std::uint64_t> length() const override { return announced; }
    Task<Result<std::string>> next() override {
        if (next_ == fails_at) co_return fail(ErrorCode::Unavailable, "the store is gone");
        if (next_ == count_) co_return std::string();
        if (produced) ++*produced;
        co_return std::string(size_, static_cast<char>('a' + next_++ % 26));
    }

private:
    const std::size_t count_;
    const std::size_t size_;
    std::size_t next_ = 0;
};

class StreamingTest : public HttpTest {
protected:
    void answer_with(std::function<std::unique_ptr<Pieces>()> make) {
        handler_.on_request = [make](HttpRequest request, Exchange exchange) {
            if (request.target == "/plain") return exchange.respond(plain("plain"));
            HttpResponse response;
            response.body = std::unique_ptr<BodySource>(make());
            exchange.respond(std::move(response));
        };
    }
};

TEST_F(StreamingTest, UnknownLengthIsChunkedAndTheConnectionGoesOn) {
    answer_with([] { return std::make_unique<Pieces>(3, 4); });
    start();
    Client client = connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET /plain HTTP/1.1\r\nHost: test\r\n\r\n");
    const Answer answer = client.read_answer();
    EXPECT_TRUE(answer.has_line("Transfer-Encoding: chunked"));
    EXPECT_EQ(answer.field("Content-Length"), "");
    EXPECT_EQ(answer.body, "aaaabbbbcccc");
    EXPECT_EQ(client.read_answer().body, "plain");
}

TEST_F(StreamingTest, KnownLengthIsAnnounced) {
    answer_with([] {
        auto pieces = std::make_unique<Pieces>(3, 4);
        pieces->announced = 12;
        return pieces;
    });
    start();
    Client client = connect();
    const Answer answer = client.get("/");
    EXPECT_TRUE(answer.has_line("Content-Length: 12"));
    EXPECT_EQ(answer.body, "aaaabbbbcccc");
    EXPECT_EQ(client.get("/plain").body, "plain");
}

TEST_F(StreamingTest, Http10ReadsToTheEnd) {
    answer_with([] { return std::make_unique<Pieces>(2, 3); });
    start();
    Client client = connect();
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const Answer answer = client.read_answer(false);
    EXPECT_TRUE(answer.has_line("Connection: close"));
    EXPECT_EQ(answer.field("Transfer-Encoding"), "");
    EXPECT_EQ(client.read_to_end(), "aaabbb");
}

TEST_F(StreamingTest, HeadProducesNothing) {
    std::atomic<std::size_t> produced{0};
    answer_with([&] {
        auto pieces = std::make_unique<Pieces>(2, 3);
        pieces->produced = &produced;
        return pieces;
    });
    start();
    Client client = connect();
    client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_TRUE(client.read_answer(false).has_line("Transfer-Encoding: chunked"));
    EXPECT_EQ(client.get("/plain").body, "plain");
    EXPECT_EQ(produced, 0u);
}

TEST_F(StreamingTest, ErrorCutsTheConnection) {
    answer_with([] {
        auto pieces = std::make_unique<Pieces>(5, 3);
        pieces->fails_at = 2;
        return pieces;
    });
    start();
    Client client = connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    const std::string all = client.read_to_end();
    EXPECT_TRUE(all.ends_with("3\r\nbbb\r\n")) << all;
}

TEST_F(StreamingTest, SourceThatBreaksItsWordCutsTheConnection) {
    for (const std::uint64_t announced : {5u, 7u}) {
        answer_with([announced] {
            auto pieces = std::make_unique<Pieces>(2, 3);
            pieces->announced = announced;
            return pieces;
        });
        if (!server_) start();
        Client client = connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        client.read_until("\r\n\r\n");
        EXPECT_LT(client.read_to_end().size(), announced);
    }
}

TEST_F(StreamingTest, SlowReaderIsNotProducedFor) {
    constexpr std::size_t kPiece = 64 * 1024;
    constexpr std::size_t kCount = 1000;
    std::atomic<std::size_t> produced{0};
    answer_with([&] {
        auto pieces = std::make_unique<Pieces>(kCount, kPiece);
        pieces->produced = &produced;
        return pieces;
    });
    start();
    Client client(port_, 32 * 1024);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    ASSERT_TRUE(wait_until([&] { return produced > 0; }));
    // The kernel's buffers fill, then production stands still.
    std::size_t seen = 0;
    wait_until([&] {
        const std::size_t before = std::exchange(seen, produced.load());
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return before == produced;
    });
    EXPECT_LT(produced, kCount / 2);
    EXPECT_EQ(client.read_answer().body.size(), kCount * kPiece);
    EXPECT_EQ(produced, kCount);
}

TEST_F(StreamingTest, ReaderThatTakesNothingIsClosedByTheWriteTimeOut) {
    limits_.write_timeout = std::chrono::milliseconds(100);
    std::atomic<bool> destroyed{false};
    answer_with([&] {
        auto pieces = std::make_unique<Pieces>(1000, 64 * 1024);
        pieces->destroyed = &destroyed;
        return pieces;
    });
    start();
    Client client(port_, 32 * 1024);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_TRUE(wait_until([&] { return destroyed.load(); }));
    EXPECT_TRUE(wait_until([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(StreamingTest, SourceIsDestroyedWhenTheClientLeaves) {
    std::atomic<bool> destroyed{false};
    answer_with([&] {
        auto pieces = std::make_unique<Pieces>(100'000, 64 * 1024);
        pieces->destroyed = &destroyed;
        return pieces;
    });
    start();
    Client client(port_, 32 * 1024);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    client.read(1000);
    client.reset();
    EXPECT_TRUE(wait_until([&] { return destroyed.load(); }));
}

TEST_F(StreamingTest, ServerGoesInTheMiddleOfABody) {
    std::atomic<bool> destroyed{false};
    answer_with([&] {
        auto pieces = std::make_unique<Pieces>(100'000, 64 * 1024);
        pieces->destroyed = &destroyed;
        return pieces;
    });
    start();
    Client client(port_, 32 * 1024);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    client.read(1000);
    loops_->stop();
    server_.reset();
    loops_.reset();
    EXPECT_TRUE(destroyed);
}

}  // namespace
}  // namespace parley::net
