// What is announced, to whom: over real WebSockets on two loops.
#include "realtime/notifier.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "../../../lib/socketio/tests/api_fixture.hpp"
#include "realtime/members.hpp"

namespace parley::realtime {
namespace {

using socketio::test::Peer;

class NotifierTest : public testing::Test {
protected:
    NotifierTest() {
        app_.io().on_connection(
            [](socketio::Socket& socket) { socket.join(user_room(chat::UserId::parse(socket.auth()["user"].as_string()).value())); });
        port_ = app_.listen("127.0.0.1", 0).value();
    }
    ~NotifierTest() override {
        app_.stop();
        app_.wait();
    }

    std::unique_ptr<Peer> connect(chat::UserId user) const {
        return std::make_unique<Peer>(port_, R"({"user":")" + user.to_hex() + R"("})");
    }
    // Emitted behind everything else: who hears this next has heard of nothing before.
    void end() { app_.io().emit("end"); }
    static constexpr std::string_view kEnd = R"(2["end"])";

    static std::string conversation_read(chat::UserId peer, chat::MessageId last, int unread) {
        return R"(2["conversationRead",{"userId":")" + peer.to_hex() + R"(","lastReadMessageId":")" + last.to_hex() +
               R"(","unreadCount":)" + std::to_string(unread) + "}]";
    }

    socketio::Standalone app_{socketio::StandaloneOptions{{}, 2, 1024, {}, std::chrono::milliseconds(200)}};
    std::unique_ptr<dialect::Dialect> dialect_ = dialect::make_dialect("mern-chat-app").value();
    Notifier notifier_{app_.io(), *dialect_};
    chat::UserId alice_ = chat::UserId::generate();
    chat::UserId bob_ = chat::UserId::generate();
    std::uint16_t port_ = 0;
};

TEST_F(NotifierTest, AMarkIsToldToTheReadersSocketsButForTheOneNamed) {
    const auto first = connect(alice_);
    const auto second = connect(alice_);
    const auto other = connect(bob_);
    const auto message = chat::MessageId::generate();
    notifier_.marked_read({alice_, bob_, message, 3, first->id});
    notifier_.marked_read({alice_, bob_, message, 2, ""});
    end();
    EXPECT_EQ(second->next(), conversation_read(bob_, message, 3));
    EXPECT_EQ(second->next(), conversation_read(bob_, message, 2));
    EXPECT_EQ(first->next(), conversation_read(bob_, message, 2));
    EXPECT_EQ(first->next(), kEnd);
    EXPECT_EQ(other->next(), kEnd) << "who has read is nobody else's business";
}

TEST_F(NotifierTest, AnotherPersonsSocketCannotBeSpared) {
    const auto own = connect(alice_);
    const auto other = connect(bob_);
    const auto message = chat::MessageId::generate();
    notifier_.marked_read({alice_, bob_, message, 0, other->id});
    EXPECT_EQ(own->next(), conversation_read(bob_, message, 0));
}

}  // namespace
}  // namespace parley::realtime
