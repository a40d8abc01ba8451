#include "websocket_fixture.hpp"

namespace parley::net {
namespace {

using Closes = std::vector<Recorder::Close>;
using Frame = Peer::Frame;

class WebSocketClose : public WebSocketTest {};

TEST_F(WebSocketClose, OursIsAnsweredAndThenTheSocketIsCut) {
    open();
    peer_->read_head();
    on_loop([this] {
        EXPECT_EQ(socket_->send_text("last words"), SendResult::Sent);
        socket_->close(CloseCode::GoingAway, "bye");
        socket_->close(CloseCode::Normal, "again");
        EXPECT_EQ(socket_->send_text("too late"), SendResult::Dropped);
    });
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, "last words"}));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close,
                                          "\x03\xe9"
                                          "bye"}));
    EXPECT_EQ(recorder_.closes(), 0u);
    peer_->send_frame(Opcode::Text, "not delivered");
    peer_->send_frame(Opcode::Close, "\x03\xe9");
    EXPECT_TRUE(peer_->at_end());
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::GoingAway, "bye"}}));
    EXPECT_TRUE(recorder_.wait_for_messages(0).empty());
    EXPECT_TRUE(wait_until_cut());
}

TEST_F(WebSocketClose, OfThePeerIsEchoed) {
    open();
    peer_->read_head();
    on_loop([this] { EXPECT_EQ(socket_->send_text("before"), SendResult::Sent); });
    peer_->send(Peer::client_frame(Opcode::Close, "\x0f\xa0mine") + Peer::client_frame(Opcode::Text, "ignored"));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, "before"}));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close, "\x0f\xa0"}));
    EXPECT_TRUE(peer_->at_end());
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{static_cast<CloseCode>(4000), "mine"}}));
    EXPECT_TRUE(recorder_.wait_for_messages(0).empty());
}

TEST_F(WebSocketClose, OfThePeerWithoutACodeIsEchoedWithoutOne) {
    open();
    peer_->read_head();
    peer_->send_frame(Opcode::Close, "");
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close, ""}));
    EXPECT_TRUE(peer_->at_end());
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::NoStatus, ""}}));
}

TEST_F(WebSocketClose, ThatIsNeverAnsweredEndsByTimeout) {
    options_.close_timeout = std::chrono::milliseconds(30);
    open();
    peer_->read_head();
    on_loop([this] { socket_->close(CloseCode::Normal, "done"); });
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close,
                                          "\x03\xe8"
                                          "done"}));
    EXPECT_TRUE(peer_->at_end());
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Normal, "done"}}));
}

TEST_F(WebSocketClose, APeerThatVanishesIsAbnormal) {
    open();
    peer_->read_head();
    peer_->send_frame(Opcode::Text, "last words");
    peer_->vanish();
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Abnormal, "connection lost"}}));
    EXPECT_EQ(recorder_.wait_for_messages(1), std::vector<std::string>{"last words"});
    EXPECT_TRUE(wait_until_cut());
    EXPECT_EQ(on_loop([this] { return socket_->send_text("x"); }), SendResult::Dropped);
}

TEST_F(WebSocketClose, ALossSeenByWritingIsToldOutsideTheSend) {
    options_.max_queued_bytes = 1000;
    open();
    on_loop([this] {
        peer_->vanish();
        for (int i = 0; i < 10; ++i) socket_->send_text(std::string(900, 'x'));  // over the cap: written inside the call
        EXPECT_EQ(socket_->send_text("x"), SendResult::Dropped);
        EXPECT_EQ(recorder_.closes(), 0u);
    });
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Abnormal, "connection lost"}}));
}

TEST_F(WebSocketClose, AbortCutsAtOnceAndTellsLater) {
    open();
    peer_->read_head();
    on_loop([this] {
        socket_->send_text("never written");
        socket_->abort();
        EXPECT_EQ(recorder_.closes(), 0u);
        EXPECT_TRUE(alive_.expired());
        socket_->abort();
        socket_->close(CloseCode::Normal, "");
    });
    EXPECT_TRUE(peer_->at_end());
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Abnormal, "aborted"}}));
    let_turn_pass();
    EXPECT_EQ(recorder_.closes(), 1u);
}

TEST_F(WebSocketClose, AbortWhileClosingIsAbnormal) {
    open();
    on_loop([this] {
        socket_->close(CloseCode::Normal, "");
        socket_->abort();
    });
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Abnormal, "aborted"}}));
}

TEST_F(WebSocketClose, FromWithinAMessageStopsTheNextOnes) {
    recorder_.react = [this](std::string_view, bool) { socket_->close(CloseCode::Normal, ""); };
    open();
    peer_->read_head();
    peer_->send(Peer::client_frame(Opcode::Text, "one") + Peer::client_frame(Opcode::Text, "two") + Peer::client_frame(Opcode::Close, ""));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close, "\x03\xe8"}));
    EXPECT_TRUE(peer_->at_end());
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Normal, ""}}));
    EXPECT_EQ(recorder_.wait_for_messages(1), std::vector<std::string>{"one"});
}

TEST_F(WebSocketClose, AbortFromWithinAMessageIsSafe) {
    recorder_.react = [this](std::string_view, bool) {
        socket_->abort();
        socket_.reset();
    };
    open();
    peer_->send(Peer::client_frame(Opcode::Text, "one") + Peer::client_frame(Opcode::Text, "two"));
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::Abnormal, "aborted"}}));
    EXPECT_EQ(recorder_.wait_for_messages(1), std::vector<std::string>{"one"});
}

struct Failure {
    const char* name;
    std::string bytes;
    std::string close_payload;
    Recorder::Close told;
};

TEST_F(WebSocketClose, FailuresSayTheirCodeToBothSides) {
    options_.max_message_bytes = 1000;
    const std::vector<Failure> failures{
        {"no mask",
         encode_frame(Opcode::Text, "x"),
         "\x03\xea"
         "frame without a mask",
         {CloseCode::ProtocolError, "frame without a mask"}},
        {"bad text",
         Peer::client_frame(Opcode::Text, "\xff"),
         "\x03\xeftext is not UTF-8",
         {CloseCode::InvalidPayload, "text is not UTF-8"}},
        {"too big",
         Peer::client_frame(Opcode::Text, std::string(1001, 'x')),
         "\x03\xf1message too big",
         {CloseCode::MessageTooBig, "message too big"}},
    };
    for (const Failure& failure : failures) {
        SCOPED_TRACE(failure.name);
        open();
        peer_->read_head();
        peer_->send(failure.bytes);
        EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close, failure.close_payload}));
        EXPECT_TRUE(peer_->at_end());
        peer_->vanish();
        EXPECT_TRUE(wait_until_cut());
        let_turn_pass();
        EXPECT_EQ(recorder_.wait_for_close().back(), failure.told);
    }
    EXPECT_EQ(recorder_.closes(), failures.size());
}

TEST_F(WebSocketClose, AHandlerThatThrowsEndsOnlyItsConnection) {
    recorder_.react = [](std::string_view, bool) { throw std::runtime_error("a defect"); };
    open();
    peer_->read_head();
    peer_->send_frame(Opcode::Text, "x");
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close, "\x03\xf3internal error"}));
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::InternalError, "internal error"}}));
}

TEST_F(WebSocketClose, ASlowReaderIsToldThatItIsTooSlow) {
    open();
    peer_->read_head();
    const std::string block(64 * 1024, 'x');
    std::size_t taken = 0;
    std::size_t most = 0;
    while (on_loop([&] {
               const SendResult result = socket_->send_binary(block);
               EXPECT_EQ(recorder_.closes(), 0u);  // not even for the one that is dropped: told later
               return result;
           }) != SendResult::Dropped) {
        ++taken;
        most = std::max(most, on_loop([this] { return socket_->queued_bytes(); }));
    }
    EXPECT_GT(most, options_.max_queued_bytes - block.size());
    EXPECT_LE(most, options_.max_queued_bytes + block.size() + 10);
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::PolicyViolation, "too slow"}}));
    for (std::size_t i = 0; i < taken; ++i) EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Binary, block}));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close, "\x03\xf0too slow"}));
    EXPECT_TRUE(peer_->at_end());
}

TEST_F(WebSocketClose, AReaderThatStaysStuckIsCut) {
    options_.close_timeout = std::chrono::milliseconds(30);
    open();
    on_loop([this] {
        while (socket_->send_binary(std::string(64 * 1024, 'x')) != SendResult::Dropped) {
        }
    });
    EXPECT_EQ(recorder_.wait_for_close(), (Closes{{CloseCode::PolicyViolation, "too slow"}}));
    EXPECT_TRUE(wait_until_cut());
    EXPECT_EQ(on_loop([this] { return socket_->queued_bytes(); }), 0u);
}

TEST_F(WebSocketClose, LoopsMayStopWithConnectionsInEveryState) {
    std::vector<std::unique_ptr<Peer>> peers;
    std::vector<std::shared_ptr<WebSocket>> sockets;
    for (int i = 0; i < 5; ++i) {
        open();
        peers.push_back(std::move(peer_));
        sockets.push_back(socket_);
    }
    peers[0]->send(Peer::client_frame(Opcode::Text, "a fragment", false));
    on_loop([&] {
        sockets[1]->send_binary(std::string(3'000'000, 'x'));
        sockets[2]->close(CloseCode::Normal, "");
        sockets[3]->abort();
    });
    loops_.reset();
    for (const auto& socket : sockets) EXPECT_EQ(socket->send_text("x"), SendResult::Dropped);
    socket_.reset();
}

}  // namespace
}  // namespace parley::net
