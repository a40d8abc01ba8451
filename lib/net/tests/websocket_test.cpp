#include "parley/net/websocket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "websocket_fixture.hpp"

namespace parley::net {
namespace {

using Frame = Peer::Frame;

TEST_F(WebSocketTest, HandshakeIsWrittenFirst) {
    open();
    EXPECT_EQ(peer_->read_head(),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST_F(WebSocketTest, TextAndBinaryAreEchoed) {
    echo();
    open();
    peer_->read_head();
    peer_->send_frame(Opcode::Text, "h\xc3\xa9llo");
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, "h\xc3\xa9llo"}));
    peer_->send_frame(Opcode::Binary, std::string("\0\xff", 2));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Binary, std::string("\0\xff", 2)}));
}

TEST_F(WebSocketTest, BytesOneByOneAndFragmentsBecomeMessages) {
    open();
    peer_->read_head();
    const std::string bytes = Peer::client_frame(Opcode::Text, "in ", false) + Peer::client_frame(Opcode::Ping, "?") +
                              Peer::client_frame(Opcode::Continuation, "two") + Peer::client_frame(Opcode::Text, "next");
    for (const char byte : bytes) peer_->send({&byte, 1});
    EXPECT_EQ(recorder_.wait_for_messages(2), (std::vector<std::string>{"in two", "next"}));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Pong, "?"}));
}

TEST_F(WebSocketTest, BigMessagesGoBothWays) {
    echo();
    open();
    peer_->read_head();
    std::string big(900'000, '\0');
    for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 >> 3);
    for (int round = 0; round < 3; ++round) {
        peer_->send_frame(Opcode::Binary, big);
        EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Binary, big}));
    }
    EXPECT_EQ(on_loop([this] { return socket_->queued_bytes(); }), 0u);
}

TEST_F(WebSocketTest, ItWorksOverTcp) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), length), 0);
    echo();
    adopt(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), client);
    ::close(listener);
    peer_->read_head();
    // A protocol error in the middle of much input: the close frame arrives all the same, no reset takes it back.
    peer_->send_frame(Opcode::Text, "hello");
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, "hello"}));
    peer_->send(encode_frame(Opcode::Text, std::string(50'000, 'x')) + std::string(1'000'000, 'y'));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Close,
                                          "\x03\xea"
                                          "frame without a mask"}));
    EXPECT_TRUE(peer_->at_end());
    peer_->vanish();
    EXPECT_TRUE(wait_until_cut());
}

TEST_F(WebSocketTest, BytesThatCameWithTheHandshakeAreReadFirst) {
    const std::string second = Peer::client_frame(Opcode::Text, "second");
    open(SOCK_STREAM, Peer::client_frame(Opcode::Text, "first") + second.substr(0, 5));
    peer_->send(second.substr(5));
    EXPECT_EQ(recorder_.wait_for_messages(2), (std::vector<std::string>{"first", "second"}));
}

TEST_F(WebSocketTest, ManyMessagesOfOneTurnAreOneWrite) {
    open(SOCK_SEQPACKET);  // every write is a packet
    char packet[100'000];
    ASSERT_GT(::recv(peer_->fd(), packet, sizeof packet, 0), 100);  // the handshake
    const auto prepared = PreparedMessage::text("prepared");
    const auto large = PreparedMessage::binary(std::string(10'000, 'x'));
    on_loop([&] {
        for (int i = 0; i < 50; ++i) {
            EXPECT_EQ(socket_->send_text("small"), SendResult::Sent);
            EXPECT_EQ(socket_->send(prepared), SendResult::Sent);
        }
        EXPECT_EQ(socket_->send(large), SendResult::Sent);
        EXPECT_EQ(socket_->send_text("last"), SendResult::Sent);
        EXPECT_EQ(large.frame.use_count(), 2);  // referenced, not copied
    });
    EXPECT_EQ(::recv(peer_->fd(), packet, sizeof packet, 0), 50 * (7 + 10) + 10'004 + 6);
    let_turn_pass();
    EXPECT_EQ(large.frame.use_count(), 1);  // and let go
}

TEST_F(WebSocketTest, ABroadcastIsReferencedUntilItIsWritten) {
    open();
    peer_->read_head();
    const auto prepared = PreparedMessage::text("to everybody");
    on_loop([&] {
        EXPECT_EQ(socket_->send(prepared), SendResult::Sent);
        EXPECT_EQ(prepared.frame.use_count(), 2);
    });
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, "to everybody"}));
    let_turn_pass();
    EXPECT_EQ(prepared.frame.use_count(), 1);
}

TEST_F(WebSocketTest, PingIsAnsweredAndAFloodOfThemIsBounded) {
    open();
    peer_->read_head();
    for (int i = 0; i < 10; ++i) peer_->send_frame(Opcode::Ping, std::to_string(i));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Pong, std::to_string(i)}));

    // Nobody reads the answers: the latest one is kept for the others.
    std::string pings;
    for (int i = 0; i < 50'000; ++i) pings += Peer::client_frame(Opcode::Ping, std::string(100, 'p'));
    peer_->send(pings);
    peer_->send_frame(Opcode::Ping, "latest");
    peer_->send_frame(Opcode::Text, "all sent");
    recorder_.wait_for_messages(1);
    EXPECT_LT(on_loop([this] { return socket_->queued_bytes(); }), 10'000u);
    while (true) {
        const Frame frame = peer_->read_frame();
        ASSERT_EQ(frame.opcode, Opcode::Pong);
        if (frame.payload == "latest") break;
    }
}

TEST_F(WebSocketTest, DrainedIsToldWhenASlowPeerHasTakenEverything) {
    open();
    peer_->read_head();
    const std::string block(100'000, 'x');
    std::size_t sent = 0;
    while (on_loop([&] { return socket_->send_binary(block); }) == SendResult::Sent) ++sent;
    EXPECT_TRUE(on_loop([this] { return socket_->blocked(); }));
    for (std::size_t i = 0; i <= sent; ++i) EXPECT_EQ(peer_->read_frame().payload.size(), block.size());
    EXPECT_TRUE(recorder_.wait_for_drained());
    EXPECT_EQ(on_loop([&] { return socket_->send_binary(block); }), SendResult::Sent);
    EXPECT_EQ(peer_->read_frame().payload.size(), block.size());
}

TEST_F(WebSocketTest, MuchInOneTurnIsNotTheFaultOfAPeerThatReads) {
    options_.max_queued_bytes = 1000;
    open();
    peer_->read_head();
    on_loop([&] {
        for (int i = 0; i < 20; ++i) EXPECT_EQ(socket_->send_binary(std::string(900, 'x')), SendResult::Sent);
    });
    for (int i = 0; i < 20; ++i) EXPECT_EQ(peer_->read_frame().payload.size(), 900u);
}

TEST_F(WebSocketTest, TheFirstFrameDoesNotCountForTheCap) {
    options_.max_queued_bytes = 50'000;
    open();
    peer_->read_head();
    on_loop([&] {
        EXPECT_EQ(socket_->send_binary(std::string(3'000'000, 'x')), SendResult::Sent);
        EXPECT_EQ(socket_->send_binary(std::string(40'000, 'x')), SendResult::Sent);
    });
    EXPECT_EQ(peer_->read_frame().payload.size(), 3'000'000u);
    EXPECT_EQ(peer_->read_frame().payload.size(), 40'000u);
}

}  // namespace
}  // namespace parley::net
