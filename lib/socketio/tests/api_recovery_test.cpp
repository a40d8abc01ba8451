// Connection state recovery as a program and its clients see it.
#include <gmock/gmock.h>

#include <thread>

#include "api_fixture.hpp"

namespace parley::socketio {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using testing::StartsWith;

// Clients that lose their transport and come back with what they were told: a private id, and the offset of the last event.
class RecoveryApi : public test::ApiTest {
protected:
    ~RecoveryApi() override { app.reset(); }  // whose handlers use what is declared here

    void start(RecoveryOptions recovery) {
        recovery.mode = RecoveryOptions::Mode::Always;
        ServerOptions options;
        options.recovery = recovery;
        create(std::move(options));
        io().use([this](Socket&, const Next& next) {
            ++middleware_calls;
            next();
        });
        io().on_connection([](Socket& socket) {
            if (!socket.recovered()) {
                socket.join("garden");
                socket.data() = "Ada";
            }
            socket.emit("hello", {socket.recovered(), socket.data(), socket.in_room("garden")});
        });
        io().on_disconnect([this](Socket&, DisconnectReason) { ++gone; });
        listen();
    }
    static std::string member(std::string_view json, std::string_view name) {
        const auto value = parse_json(json.substr(json.find('{')));
        return value ? (*value)[name].is_string() ? (*value)[name].as_string() : "" : "";
    }
    // The last argument of an event.
    static std::string offset_of(const std::string& event) {
        const auto begin = event.rfind(",\"") + 2;
        return event.substr(begin, event.rfind('"') - begin);
    }
    static std::string claim(const std::string& pid, const std::string& offset) {
        return R"({"pid":")" + pid + R"(","offset":")" + offset + "\"}";
    }
    void wait_until_gone(int count) {
        while (on_loop([&] { return gone; }) < count) std::this_thread::sleep_for(5ms);
    }

    int middleware_calls = 0;
    int gone = 0;
};

TEST_F(RecoveryApi, TheSocketComesBackWithItsStateAndWhatItMissed) {
    start({});
    auto peer = std::make_unique<Peer>(port);
    const std::string pid = member(peer->answer, "pid");
    const std::string hello = peer->next();
    EXPECT_THAT(hello, StartsWith(R"(2["hello",false,"Ada",true,")"));
    const std::string id = peer->id;
    peer.reset();
    wait_until_gone(1);
    io().to("garden").emit("missed", 1);
    Peer again(port, claim(pid, offset_of(hello)));
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(member(again.answer, "pid"), pid);
    EXPECT_THAT(again.next(), StartsWith(R"(2["missed",1,")"));
    EXPECT_THAT(again.next(), StartsWith(R"(2["hello",true,"Ada",true,")"));
    EXPECT_EQ(on_loop([&] { return io().counters().recovered; }), 1u);
}

TEST_F(RecoveryApi, AfterTheTimeItIsAnotherSocket) {
    RecoveryOptions recovery;
    recovery.max_disconnection = 1ms;
    start(recovery);
    auto peer = std::make_unique<Peer>(port);
    const std::string pid = member(peer->answer, "pid");
    const std::string offset = offset_of(peer->next());
    const std::string id = peer->id;
    peer.reset();
    wait_until_gone(1);
    std::this_thread::sleep_for(100ms);
    Peer again(port, claim(pid, offset));
    EXPECT_NE(again.id, id);
    EXPECT_THAT(again.next(), StartsWith(R"(2["hello",false,)"));
}

TEST_F(RecoveryApi, MiddlewaresAreSkippedOrNotAsAskedFor) {
    for (const bool skip : {true, false}) {
        app.reset();  // the one before, whose handlers still count
        middleware_calls = gone = 0;
        RecoveryOptions recovery;
        recovery.skip_middlewares = skip;
        start(recovery);
        auto peer = std::make_unique<Peer>(port);
        const std::string pid = member(peer->answer, "pid");
        const std::string offset = offset_of(peer->next());
        peer.reset();
        wait_until_gone(1);
        Peer again(port, claim(pid, offset));
        EXPECT_THAT(again.next(), StartsWith(R"(2["hello",true,)"));
        EXPECT_EQ(on_loop([&] { return middleware_calls; }), skip ? 1 : 2);
    }
}

}  // namespace
}  // namespace parley::socketio
