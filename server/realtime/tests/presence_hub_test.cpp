// The hub behind real WebSockets on two loops; it has a third to itself, so that a test can say when it begins.
#include "realtime/presence_hub.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <any>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "../../../lib/socketio/tests/api_fixture.hpp"

namespace parley::realtime {
namespace {

using namespace std::chrono_literals;
using socketio::test::Peer;

constexpr std::string_view kBefore = R"(2["getOnlineUsers",)";

class PresenceHubTest : public testing::Test {
protected:
    explicit PresenceHubTest(PresenceOptions options = {.min_interval = 20ms}) {
        app_ = std::make_unique<socketio::Standalone>(socketio::StandaloneOptions{{}, 2, 1024, {}, 200ms});
        hub_ = std::make_unique<PresenceHub>(hub_loop_[0], app_->io(), options);
        app_->io().on_connection([this](socketio::Socket& socket) {
            const auto user = chat::UserId::parse(socket.auth()["user"].as_string()).value();
            socket.context() = user;
            hub_->joined(user, place_of(socket), socket.id());
        });
        app_->io().on_disconnect([this](socketio::Socket& socket, socketio::DisconnectReason) {
            hub_->left(std::any_cast<chat::UserId>(socket.context()), place_of(socket));
        });
        port_ = app_->listen("127.0.0.1", 0).value();
    }
    ~PresenceHubTest() override {
        app_->stop();
        app_->wait();
        hub_loop_.stop();
        hub_.reset();  // before the loops, after their threads
    }

    void start_hub() { hub_loop_.start(); }
    socketio::Server& io() { return app_->io(); }

    std::unique_ptr<Peer> connect(const std::string& user) const { return std::make_unique<Peer>(port_, R"({"user":")" + user + R"("})"); }

    // The next list that this client gets: the users' ids.
    static std::vector<std::string> next_list(Peer& peer) {
        const std::string packet = peer.next();
        EXPECT_TRUE(packet.starts_with(kBefore) && packet.ends_with("]]")) << packet;
        std::vector<std::string> ids;
        for (std::size_t at = kBefore.size() + 2; at + 24 < packet.size(); at += 27) ids.push_back(packet.substr(at, 24));
        return ids;
    }
    static void wait_for(Peer& peer, std::vector<std::string> users) {
        std::ranges::sort(users);
        for (auto list = next_list(peer); list.size() > 0; list = next_list(peer)) {
            std::ranges::sort(list);
            if (list == users) return;
        }
        FAIL() << "nobody is online";
    }
    static std::string somebody() { return chat::UserId::generate().to_hex(); }

private:
    static chat::Place place_of(const socketio::Socket& socket) { return {.node = 0, .loop = socket.loop().index()}; }

    LoopGroup hub_loop_{1};
    std::unique_ptr<socketio::Standalone> app_;
    std::unique_ptr<PresenceHub> hub_;
    std::uint16_t port_ = 0;
};

// Never pays for a round within a test, and hardly ever finds it calm.
class DearPresenceHubTest : public PresenceHubTest {
protected:
    DearPresenceHubTest() : PresenceHubTest({.min_interval = 20ms, .bytes_per_second = 1024}) {}
};

TEST_F(PresenceHubTest, TheFirstListHasItsUserAndNoListIsOlderThanTheOneBefore) {
    start_hub();
    std::vector<std::string> users;
    std::vector<std::unique_ptr<Peer>> peers;
    for (int i = 0; i < 80; ++i) {
        users.push_back(somebody());
        peers.push_back(connect(users.back()));
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
        auto list = next_list(*peers[i]);
        EXPECT_TRUE(std::ranges::count(list, users[i]) == 1) << "of " << list.size();
        for (std::size_t before = list.size(); before < users.size(); before = list.size()) {
            list = next_list(*peers[i]);
            ASSERT_GE(list.size(), before);
        }
    }
}

TEST_F(PresenceHubTest, WhoeverStaysHearsOfThoseWhoComeAndGo) {
    start_hub();
    const std::string alice = somebody();
    const auto watcher = connect(alice);
    wait_for(*watcher, {alice});
    for (int round = 0; round < 10; ++round) {
        const std::string bob = somebody();
        auto first = connect(bob);
        auto second = connect(bob);
        wait_for(*watcher, {alice, bob});
        wait_for(*first, {alice, bob});
        wait_for(*second, {alice, bob});
        first.reset();
        second.reset();
        wait_for(*watcher, {alice});
    }
}

TEST_F(PresenceHubTest, NoListReachesASocketBeforeItsUserIsCounted) {
    const std::string alice = somebody();
    const auto peer = connect(alice);
    io().to(kOnlineRoom).emit_latest_json("getOnlineUsers", "[]");  // a round of before
    start_hub();
    EXPECT_EQ(next_list(*peer), std::vector{alice});
}

TEST_F(DearPresenceHubTest, ANewcomerDoesNotWaitForARound) {
    start_hub();
    std::vector<std::string> users;
    std::vector<std::unique_ptr<Peer>> peers;
    for (int i = 0; i < 6; ++i) {
        users.push_back(somebody());
        peers.push_back(connect(users.back()));
        wait_for(*peers.back(), users);
    }
}

}  // namespace
}  // namespace parley::realtime
