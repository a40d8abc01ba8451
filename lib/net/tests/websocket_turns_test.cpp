// Much for many at once: what a turn writes, and what becomes of the others.
#include <algorithm>

#include "websocket_fixture.hpp"

namespace parley::net {
namespace {

using Frame = Peer::Frame;

class WebSocketTurns : public WebSocketTest {
protected:
    static constexpr std::size_t kCrowd = 200;
    static constexpr std::size_t kBytes = 100'000;  // for each: together more than twice what one turn writes

    void open_crowd() {
        for (std::size_t i = 0; i < kCrowd; ++i) {
            open();
            peer_->read_head();
            peers_.push_back(std::move(peer_));
            sockets_.push_back(socket_);
        }
        let_turn_pass();
    }
    void TearDown() override {
        if (loops_) on_loop([this] { sockets_.clear(); });
        WebSocketTest::TearDown();
    }
    // On the loop.
    void send_to_all() {
        for (const auto& socket : sockets_) EXPECT_EQ(socket->send(large_), SendResult::Sent);
    }
    // On the loop: runs `function` in the turn after this one.
    void in_next_turn(Loop::Function function) { (*loops_)[0].post(std::move(function)); }
    std::size_t waiting() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(sockets_, [](const auto& socket) { return socket->queued_bytes() >= kBytes; }));
    }
    void expect_large(std::size_t i) { EXPECT_EQ(peers_[i]->read_frame(), (Frame{Opcode::Binary, payload_})) << i; }

    const std::string payload_ = std::string(kBytes, 'x');
    const PreparedMessage large_ = PreparedMessage::binary(payload_);
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<std::shared_ptr<WebSocket>> sockets_;
};

TEST_F(WebSocketTurns, OtherWorkRunsBeforeEverybodyHasEverything) {
    open_crowd();
    std::size_t first_turn = 0;
    on_loop([&] {
        send_to_all();
        in_next_turn([&] { first_turn = waiting(); });
    });
    for (std::size_t i = 0; i < kCrowd; ++i) expect_large(i);
    let_turn_pass();
    EXPECT_GT(first_turn, kCrowd / 3);
    EXPECT_LT(first_turn, kCrowd);
    EXPECT_EQ(on_loop([this] { return waiting(); }), 0u);
    EXPECT_EQ(large_.frame.use_count(), 1);
}

TEST_F(WebSocketTurns, WhatIsReadMeanwhileIsAnsweredBeforeTheOthersHaveTheirTurn) {
    open_crowd();
    open();
    peer_->read_head();
    peer_->send_frame(Opcode::Text, "?");
    recorder_.wait_for_messages(1);
    const auto asked = socket_;
    std::size_t left_when_answered = 0;
    on_loop([&] {
        send_to_all();
        in_next_turn([&] {
            EXPECT_EQ(asked->send_text("!"), SendResult::Sent);
            (*loops_)[0].defer([&] {  // behind the flush of this turn
                EXPECT_EQ(asked->queued_bytes(), 0u);
                left_when_answered = waiting();
            });
        });
    });
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, "!"}));
    for (std::size_t i = 0; i < kCrowd; ++i) expect_large(i);
    let_turn_pass();
    EXPECT_GT(left_when_answered, 0u);
}

TEST_F(WebSocketTurns, WhoIsLeftOverIsBlockedAndToldWhenItHasGoneOut) {
    open_crowd();
    const auto& last = sockets_.back();
    on_loop([&] {
        send_to_all();
        in_next_turn([&] {
            EXPECT_TRUE(last->blocked());
            EXPECT_EQ(last->send_text("behind it"), SendResult::Buffered);
        });
    });
    for (std::size_t i = 0; i < kCrowd; ++i) expect_large(i);
    EXPECT_EQ(peers_.back()->read_frame(), (Frame{Opcode::Text, "behind it"}));
    EXPECT_TRUE(recorder_.wait_for_drained());
    EXPECT_FALSE(on_loop([&] { return last->blocked(); }));
    EXPECT_EQ(on_loop([&] { return last->send_text("at once"); }), SendResult::Sent);
    EXPECT_EQ(peers_.back()->read_frame(), (Frame{Opcode::Text, "at once"}));
}

TEST_F(WebSocketTurns, WhoIsLeftOverMayBeClosedOrCutAndForgotten) {
    open_crowd();
    on_loop([&] {
        send_to_all();
        in_next_turn([&] {
            sockets_[kCrowd - 1]->close(CloseCode::Normal, "bye");
            for (std::size_t i = kCrowd - 4; i < kCrowd - 1; ++i) sockets_[i]->abort();
            sockets_.clear();  // nobody else holds those that were cut
            socket_.reset();
        });
    });
    for (std::size_t i = 0; i < kCrowd - 4; ++i) expect_large(i);
    for (std::size_t i = kCrowd - 4; i < kCrowd - 1; ++i) EXPECT_TRUE(peers_[i]->at_end());
    expect_large(kCrowd - 1);
    EXPECT_EQ(peers_[kCrowd - 1]->read_frame(), (Frame{Opcode::Close,
                                                       "\x03\xe8"
                                                       "bye"}));
    peers_[kCrowd - 1]->send_frame(Opcode::Close, "\x03\xe8");
    EXPECT_TRUE(wait_until_cut());
}

TEST_F(WebSocketTurns, ALoopMayStopWhileSomeAreLeftOver) {
    open_crowd();
    std::promise<void> stopped;
    on_loop([&] {
        send_to_all();
        in_next_turn([&] {
            EXPECT_GT(waiting(), 0u);
            sockets_[kCrowd - 1]->abort();
            sockets_.pop_back();
            (*loops_)[0].stop();
            stopped.set_value();
        });
    });
    stopped.get_future().wait();  // else the loop may be stopped before that turn, and the turn may look for a loop that is gone
    loops_.reset();
    EXPECT_EQ(large_.frame.use_count(), 1 + static_cast<long>(waiting()));
    sockets_.clear();
    socket_.reset();
    EXPECT_EQ(large_.frame.use_count(), 1);
}

}  // namespace
}  // namespace parley::net
