// An Engine.IO server on real sockets, and a record of what its sessions lived through.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "client.hpp"
#include "parley/engineio/server.hpp"

namespace parley::engineio::test {

// "message hi", "binary hi", "upgraded", "closed PingTimeout": by session id.
class Record {
public:
    void add(const std::string& sid, std::string event);
    std::vector<std::string> of(const std::string& sid);
    // Waits for it; false after ten seconds.
    bool wait_for(const std::string& sid, const std::string& event);
    // Waits for `count` events, and gives them all.
    std::vector<std::string> wait_for(const std::string& sid, std::size_t count);

private:
    template <class Condition>
    bool wait(Condition condition);
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::vector<std::string>> events_;
};

class EngineTest : public testing::Test {
protected:
    using Events = std::vector<std::string>;

    EngineTest();
    ~EngineTest() override;

    // What a session does with a message, after it has been recorded. Default: "echo hi" is answered with "hi".
    std::function<void(Session&, std::string_view message)> on_message;

    void start(ServerOptions options = {}, std::size_t loops = 1);

    // Opens a session by polling, on that connection if given.
    std::string open_polling(Connection& connection, const std::string& query = "");
    std::string open_polling(const std::string& query = "");
    // Opens a session by WebSocket.
    std::string open_websocket(WebSocketClient& client, const std::string& query = "");
    // A connection that was accepted on that loop, or on any other.
    Connection connection_on(std::size_t loop, bool same);
    static std::size_t loop_of(const std::string& sid);

    static std::string polling(const std::string& sid) { return "/socket.io/?EIO=4&transport=polling&sid=" + sid; }
    static std::string websocket(const std::string& sid) { return "/socket.io/?EIO=4&transport=websocket&sid=" + sid; }
    Answer poll(const std::string& sid);
    Answer post(const std::string& sid, std::string_view body, const Fields& fields = {{"Content-Type", "text/plain"}});
    // Upgrades until `3probe` has come.
    void probe(WebSocketClient& client, const std::string& sid);
    // Sends `5` and waits until the session has moved.
    void finish_upgrade(WebSocketClient& client, const std::string& sid);

    // Runs on the session's loop and waits for it; false if there is no such session.
    bool with_session(const std::string& sid, std::function<void(Session&)> function);
    bool is_open(const std::string& sid);

    Record record_;
    std::unique_ptr<LoopGroup> loops_;
    std::unique_ptr<Server> server_;
    std::uint16_t port_ = 0;

private:
    class Http;
    std::unique_ptr<Http> http_;
    std::unique_ptr<net::HttpServer> listener_;
};

std::string_view to_string(CloseReason reason);
// The sid in the body of a handshake's answer.
std::string sid_in(std::string_view open_packet);

}  // namespace parley::engineio::test
