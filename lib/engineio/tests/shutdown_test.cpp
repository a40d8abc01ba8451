#include <atomic>
#include <future>
#include <thread>

#include "fixture.hpp"

namespace parley::engineio::test {
namespace {

using namespace std::chrono_literals;

class Shutdown : public EngineTest {
protected:
    std::future<void> close(std::chrono::milliseconds timeout) {
        auto promise = std::make_shared<std::promise<void>>();
        server_->close(timeout, [promise] { promise->set_value(); });
        return promise->get_future();
    }
};

TEST_F(Shutdown, EverySessionIsToldAndEnds) {
    start({}, 4);
    const std::string polled = open_polling();
    Connection poller = connection_on(loop_of(polled), false);
    poller.send_request("GET", polling(polled));
    EXPECT_TRUE(poller.silent());
    WebSocketClient client(port_);
    const std::string connected = open_websocket(client);
    WebSocketClient upgrading(port_);
    const std::string moving = open_polling();
    probe(upgrading, moving);

    auto done = close(10s);
    EXPECT_EQ(poller.read_answer().body, "1");
    EXPECT_EQ(client.read_text(), "<closed 1001>");
    client.send_frame(8, "\x03\xe9");
    upgrading.send_text("5");
    EXPECT_EQ(upgrading.read_text(), "<closed 1001>");
    upgrading.send_frame(8, "\x03\xe9");
    EXPECT_EQ(done.wait_for(10s), std::future_status::ready);
    for (const std::string& sid : {polled, connected, moving}) EXPECT_TRUE(record_.wait_for(sid, "closed ServerShutdown"));
    EXPECT_EQ(server_->counters().sessions_open, 0u);
}

TEST_F(Shutdown, NothingOpenIsDoneAtOnce) {
    start({}, 4);
    EXPECT_EQ(close(1h).wait_for(10s), std::future_status::ready);
}

TEST_F(Shutdown, NewSessionsAreRefused) {
    start();
    close(10s).wait();
    EXPECT_EQ(Connection(port_).request("GET", "/socket.io/?EIO=4&transport=polling").status, 503);
    EXPECT_EQ(WebSocketClient(port_).upgrade("/socket.io/?EIO=4&transport=websocket").status, 503);
    EXPECT_EQ(server_->counters().sessions_opened, 0u);
}

TEST_F(Shutdown, ASilentClientIsCutAtTheTimeout) {
    start();
    WebSocketClient client(port_);
    const std::string sid = open_websocket(client);
    auto done = close(100ms);  // the client does not answer the close frame
    EXPECT_EQ(done.wait_for(4s), std::future_status::ready);
    EXPECT_EQ(client.read_text(), "<closed 1001>");
    EXPECT_EQ(client.read_text(), "<ended>");
}

TEST_F(Shutdown, AClientThatDoesNotPollIsNotWaitedForLong) {
    start();
    const std::string sid = open_polling();
    EXPECT_EQ(close(1h).wait_for(10s), std::future_status::ready);
    EXPECT_EQ(record_.of(sid), Events{"closed ServerShutdown"});
}

// Sessions open, talk, upgrade and leave while the server stops under them.
TEST_F(Shutdown, InTheMiddleOfEverything) {
    start({}, 4);
    std::atomic<bool> stop = false;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&] {
            while (!stop) {
                Connection connection(port_);
                const std::string sid = open_polling(connection);
                if (sid.empty()) continue;
                connection.request("POST", polling(sid), {}, "4echo hi");
                WebSocketClient client(port_);
                if (client.upgrade(websocket(sid)).status != 101) continue;
                client.send_text("2probe");
                client.send_text("5");
                if (client.read_text() == "3probe") client.read_text();
            }
        });
    }
    while (server_->counters().sessions_moved < 50) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(close(10s).wait_for(20s), std::future_status::ready);
    stop = true;
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(server_->counters().sessions_open, 0u);
    EXPECT_EQ(server_->counters().sessions_on_websocket, 0u);
}

}  // namespace
}  // namespace parley::engineio::test
