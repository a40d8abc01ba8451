#include "clients/websocket.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <vector>

#include "peer.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr std::string_view kAccepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

class Hearer final : public WebSocket::Listener {
public:
    void opened() override { open = true; }
    void received(unsigned char, std::string_view payload) override { heard.emplace_back(payload); }
    void closed(std::string_view why) override { end = why; }

    bool open = false;
    std::vector<std::string> heard;
    std::string end;
};

std::string frame(std::string_view payload) {
    std::string bytes = "\x81";
    if (payload.size() < 126) return (bytes += static_cast<char>(payload.size())).append(payload);
    if (payload.size() < 65536) {
        bytes += '\x7e';
    } else {
        bytes += '\x7f';
        bytes.append(4, '\0');
        bytes += static_cast<char>(payload.size() >> 24);
        bytes += static_cast<char>(payload.size() >> 16);
    }
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size());
    return bytes.append(payload);
}

class WebSocketClient : public testing::Test {
protected:
    void open() {
        socket.open(peer.port(), 0, "/");
        peer.accept();
        peer.hear(poller, "\r\n\r\n");
    }
    bool until(const std::function<bool()>& done) { return poller.run_until(done, Clock::now() + 10s); }

    Poller poller;
    Peer peer;
    Hearer hearer;
    WebSocket socket{poller, hearer};
};

TEST_F(WebSocketClient, HearsFramesThatComeByteForByte) {
    open();
    const std::string bytes = std::string(kAccepted) + frame("one") + frame(std::string(300, 'x')) + frame("");
    peer.say_slowly(poller, bytes);
    ASSERT_TRUE(until([&] { return hearer.heard.size() == 3; }));
    EXPECT_THAT(hearer.heard, ElementsAre("one", std::string(300, 'x'), ""));
}

TEST_F(WebSocketClient, HearsAllFramesOfOnePieceAndTheRestOfTheNext) {
    open();
    const std::string large = frame(std::string(200'000, 'y'));
    peer.say(std::string(kAccepted) + frame("one") + frame("two") + large.substr(0, 7));
    ASSERT_TRUE(until([&] { return hearer.heard.size() == 2; }));
    peer.say(large.substr(7) + frame("last"));
    ASSERT_TRUE(until([&] { return hearer.heard.size() == 4; }));
    EXPECT_THAT(hearer.heard, ElementsAre("one", "two", std::string(200'000, 'y'), "last"));
}

TEST_F(WebSocketClient, QueuesWhatTheKernelDoesNotTake) {
    open();
    peer.say(kAccepted);
    ASSERT_TRUE(until([&] { return hearer.open; }));
    for (int i = 0; i < 200; ++i) socket.send_text(std::string(60'000, 'z'));
    socket.send_text("the end");
    EXPECT_EQ(peer.hear(poller, "the end").size(), 200 * (60'000 + 8) + 6 + 7U);
}

TEST_F(WebSocketClient, IsToldThatTheServerHasClosed) {
    open();
    peer.say(std::string(kAccepted) + frame("last words"));
    peer.hang_up();
    ASSERT_TRUE(until([&] { return !hearer.end.empty(); }));
    EXPECT_THAT(hearer.heard, ElementsAre("last words"));
    EXPECT_EQ(hearer.end, "closed by the server");
}

TEST_F(WebSocketClient, IsToldThatNobodyListens) {
    const int free_port = [] { return Peer().port(); }();
    socket.open(free_port, 0, "/");
    ASSERT_TRUE(until([&] { return !hearer.end.empty(); }));
    EXPECT_FALSE(hearer.open);
}

}  // namespace
}  // namespace bench
