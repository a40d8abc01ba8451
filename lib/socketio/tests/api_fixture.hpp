// A server with one loop, as a program has it, and clients that say and see every packet: for tests of the public functions alone.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "../../engineio/tests/client.hpp"
#include "parley/socketio/standalone.hpp"

namespace parley::socketio::test {

// A client in one namespace, over WebSocket.
class Peer {
public:
    // `connect`: the CONNECT packet without its leading 40, as in `/admin,{"token":"open"}`.
    explicit Peer(std::uint16_t port, std::string_view connect = "", std::string_view query = "") : socket_(port) {
        EXPECT_EQ(socket_.upgrade("/socket.io/?EIO=4&transport=websocket" + std::string(query)).status, 101);
        socket_.read_text();  // the open packet
        send("0" + std::string(connect));
        answer = next();
        const auto payload = answer.find("{\"sid\":\"");
        if (payload != std::string::npos) id = answer.substr(payload + 8, answer.find('"', payload + 8) - payload - 8);
    }

    void send(std::string_view packet) { socket_.send_text("4" + std::string(packet)); }
    // The next packet; without a type of its own what the transport says: "<closed 1001>".
    std::string next() {
        std::string text = socket_.read_text();
        return text.starts_with('4') ? text.substr(1) : text;
    }
    // Sends a packet and returns the next one that comes.
    std::string ask(std::string_view packet) {
        send(packet);
        return next();
    }
    engineio::test::WebSocketClient& transport() { return socket_; }

    std::string answer;  // to its CONNECT
    std::string id;      // "" if it was refused

private:
    engineio::test::WebSocketClient socket_;
};

class ApiTest : public testing::Test {
protected:
    ApiTest() { create({}); }

    // Instead of the server with the usual options.
    void create(ServerOptions options) {
        StandaloneOptions all;
        static_cast<ServerOptions&>(all) = std::move(options);
        all.loops = 1;
        all.stop_timeout = std::chrono::milliseconds(200);
        app = std::make_unique<Standalone>(std::move(all));
    }
    Server& io() { return app->io(); }
    void listen() { port = app->listen("127.0.0.1", 0).value(); }

    // Calls `function` on the loop, with all that has come before.
    template <class F>
    auto on_loop(F function) -> decltype(function()) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto result = task.get_future();
        app->loops()[0].post([&task] { task(); });
        return result.get();
    }

    std::unique_ptr<Standalone> app;
    std::uint16_t port = 0;
};

}  // namespace parley::socketio::test
