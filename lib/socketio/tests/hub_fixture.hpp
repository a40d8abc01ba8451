// A Hub on two running loops. Sessions and expectations live on the loops: run(loop, [&]{ … }).
#pragma once

#include <gtest/gtest.h>

#include <future>

#include "fake_session.hpp"

namespace parley::socketio {

class HubTest : public testing::Test {
protected:
    HubTest() : hub(loops, HubOptions{.connect_timeout = std::chrono::milliseconds(60'000)}, nullptr) {}
    ~HubTest() override { loops.stop(); }

    void start() { loops.start(); }

    void run(std::size_t loop, std::function<void()> function) {
        std::promise<void> done;
        loops[loop].post([&] {
            function();
            done.set_value();
        });
        ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
    }

    // What was posted to the loops before has run.
    void settle() {
        for (std::size_t loop = 0; loop < loops.size(); ++loop) run(loop, [] {});
    }

    // A session that has sent CONNECT; the answer is taken away. On the loop.
    std::unique_ptr<FakeSession> connect(std::size_t loop, std::string_view packet = "0") {
        auto session = std::make_unique<FakeSession>(loops[loop], hub);
        session->receive(packet);
        session->take_sent();
        return session;
    }

    Broadcast everybody() { return Broadcast(hub.default_namespace().pointer()); }

    template <class Signature, class F>
    static std::shared_ptr<std::function<Signature>> handler(F function) {
        return std::make_shared<std::function<Signature>>(std::move(function));
    }
    void on_connection(std::function<void(Socket&)> function) {
        hub.default_namespace().own_handlers().connection.push_back(handler<void(Socket&)>(function));
    }
    void on_disconnect(std::function<void(Socket&, DisconnectReason)> function) {
        hub.default_namespace().own_handlers().disconnect.push_back(handler<void(Socket&, DisconnectReason)>(function));
    }

    LoopGroup loops{2};
    Hub hub;
};

using Sent = std::vector<std::string>;

}  // namespace parley::socketio
