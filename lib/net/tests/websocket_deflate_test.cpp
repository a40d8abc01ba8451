#include "websocket_deflate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "parley/base/utf8.hpp"
#include "websocket_fixture.hpp"

namespace parley::net {
namespace {

using Frame = Peer::Frame;
using Outcome = Inflater::Outcome;
using namespace std::string_view_literals;

constexpr std::string_view kHello = "\xf2\x48\xcd\xc9\xc9\x07\x00"sv;  // RFC 7692 section 7.2.3.1

std::pair<Outcome, std::string> inflated(std::string_view payload, std::size_t max_bytes = 1000) {
    static Inflater inflater;  // a stream must not remember what it has met
    std::string out;
    const Outcome outcome = inflater.inflate(payload, max_bytes, out);
    return {outcome, out};
}

std::string noise(std::size_t count) {
    std::string bytes(count, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

TEST(WebSocketInflate, TheVectorsOfTheRfcAreUnderstood) {
    const std::pair hello(Outcome::Done, std::string("Hello"));
    EXPECT_EQ(inflated(kHello), hello);
    EXPECT_EQ(inflated("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv), hello);          // section 7.2.3.3: not compressed
    EXPECT_EQ(inflated("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv), hello);                      // section 7.2.3.4: BFINAL
    EXPECT_EQ(inflated("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv), hello);  // section 7.2.3.5: two blocks
    EXPECT_EQ(inflated("\x00"sv), std::pair(Outcome::Done, std::string()));                // section 7.2.3.6: empty
    EXPECT_EQ(inflated("\xf3\x48\xcd\xc9\xc9\x07\x00"sv), hello);                          // BFINAL and nothing after it
}

TEST(WebSocketInflate, ContextIsNotTakenOver) {
    EXPECT_EQ(inflated(kHello).second, "Hello");
    EXPECT_EQ(inflated("\xf2\x00\x11\x00\x00"sv).first, Outcome::Broken);  // section 7.2.3.2: a reference to the message before
}

TEST(WebSocketInflate, BrokenAndCutShortIsToldFromComplete) {
    EXPECT_EQ(inflated("\xff\xff\xff"sv).first, Outcome::Broken);
    EXPECT_EQ(inflated("").first, Outcome::Broken);
    Deflater deflater(6, 15);
    const std::string whole = *deflater.deflate(std::string(500, 'a') + std::string(500, 'b'));
    ASSERT_EQ(inflated(whole).first, Outcome::Done);
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const auto [outcome, text] = inflated(std::string_view(whole).substr(0, size));
        EXPECT_TRUE(outcome == Outcome::Broken || text.size() == 1000) << size;
    }
}

TEST(WebSocketInflate, ABombIsNotInflatedBeyondTheLimit) {
    Deflater deflater(9, 15);
    const std::string bomb = *deflater.deflate(std::string(50'000'000, '\0'));
    EXPECT_LT(bomb.size(), 60'000u);
    const auto [outcome, text] = inflated(bomb, 1'000'000);
    EXPECT_EQ(outcome, Outcome::TooBig);
    EXPECT_LE(text.capacity(), 2'000'000u);
    const std::string fits = *deflater.deflate(std::string(1'000'000, '\0'));
    EXPECT_EQ(inflated(fits, 1'000'000).first, Outcome::Done);
    EXPECT_EQ(inflated(fits, 999'999).first, Outcome::TooBig);
}

TEST(WebSocketDeflate, WhatIsDeflatedInflatesInEveryWindow) {
    std::string text;
    for (int i = 0; text.size() < 100'000; ++i) text += std::to_string(i * i) + (i % 7 ? " " : noise(50));
    for (int bits = kMinDeflateWindowBits; bits <= kMaxDeflateWindowBits; ++bits) {
        Deflater deflater(6, bits);
        for (const std::size_t size : {100u, 511u, 16'384u, 100'000u}) {
            const auto part = std::string_view(text).substr(0, size);
            const auto deflated = deflater.deflate(part);
            ASSERT_TRUE(deflated) << bits << ", " << size;
            EXPECT_EQ(inflated(*deflated, size), std::pair(Outcome::Done, std::string(part)));
        }
    }
}

TEST(WebSocketDeflate, WhatDoesNotShrinkIsLeftAlone) {
    Deflater deflater(6, 15);
    EXPECT_FALSE(deflater.deflate(noise(100'000)));
    EXPECT_FALSE(deflater.deflate(""));
    EXPECT_TRUE(deflater.deflate(std::string(100, 'x')));
}

TEST(WebSocketDeflate, AnnouncedFrameHasRsv1) {
    Deflater deflater(6, 15);
    const auto frame = encode_deflated_frame(Opcode::Text, std::string(1000, 'x'), deflater);
    ASSERT_TRUE(frame);
    EXPECT_EQ(static_cast<std::uint8_t>((*frame)[0]), 0xc1);
    EXPECT_EQ(frame_header_bytes(*frame), 2u);
    EXPECT_EQ(inflated(std::string_view(*frame).substr(2)).second, std::string(1000, 'x'));
}

// Over a connection

class WebSocketDeflateTest : public WebSocketTest {
protected:
    WebSocketDeflateTest() {
        options_.deflate.emplace();
        extensions_ = "permessage-deflate; client_max_window_bits";
    }
    void connect() {
        open();
        head_ = peer_->read_head();
    }
    static std::string compressed_frame(Opcode opcode, std::string_view payload, bool fin = true) {
        std::string frame = Peer::client_frame(opcode, std::string(payload), fin);
        frame[0] = static_cast<char>(frame[0] | kCompressedBit);
        return frame;
    }
    std::string read_message() {
        const Frame frame = peer_->read_frame();
        return frame.compressed ? inflated(frame.payload, 10'000'000).second : frame.payload;
    }
    void expect_failure(CloseCode code) {
        const auto closes = recorder_.wait_for_close();
        ASSERT_EQ(closes.size(), 1u);
        EXPECT_EQ(closes[0].first, code) << closes[0].second;
        EXPECT_EQ(peer_->read_frame().opcode, Opcode::Close);
    }

    std::string head_;
    const std::string long_text_ = std::string(5'000, 'x') + "end";
};

TEST_F(WebSocketDeflateTest, TheAnswerNamesWhatWasAgreed) {
    connect();
    EXPECT_TRUE(
        head_.contains("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n\r\n"));
}

TEST_F(WebSocketDeflateTest, NothingIsAgreedUnlessBothWantIt) {
    extensions_ = "";
    connect();
    EXPECT_FALSE(head_.contains("Extensions"));
    on_loop([this] { socket_->send_text(long_text_); });
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, long_text_}));
    options_.deflate.reset();
    extensions_ = "permessage-deflate";
    connect();
    EXPECT_FALSE(head_.contains("Extensions"));
}

TEST_F(WebSocketDeflateTest, OnlyFromTheThresholdOnAndOnlyIfNotForbidden) {
    connect();
    on_loop([this] {
        socket_->send_text(std::string(1023, 'x'));
        socket_->send_text(std::string(1024, 'x'));
        socket_->send_binary(long_text_);
        socket_->send_text(long_text_, false);
        socket_->send_binary(long_text_, false);
        socket_->send_binary(noise(3'000));
    });
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, std::string(1023, 'x')}));
    const Frame at_threshold = peer_->read_frame();
    EXPECT_TRUE(at_threshold.compressed);
    EXPECT_EQ(inflated(at_threshold.payload, 1024).second, std::string(1024, 'x'));
    const Frame binary = peer_->read_frame();
    EXPECT_TRUE(binary.compressed);
    EXPECT_EQ(binary.opcode, Opcode::Binary);
    EXPECT_EQ(inflated(binary.payload, 10'000).second, long_text_);
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Text, long_text_}));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Binary, long_text_}));
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Binary, noise(3'000)}));
}

TEST_F(WebSocketDeflateTest, APreparedMessageIsCompressedOnceForAll) {
    connect();
    const std::string big = noise(3'000) + std::string(100'000, 'x');  // kept by reference even when compressed
    const auto prepared = PreparedMessage::binary(big);
    const auto plain = PreparedMessage::binary(big, false);
    DeflateStreams streams;
    const DeflateTerms terms = DeflateTerms::of({}, 15);
    const SharedBytes shared = prepared.deflated->get(*prepared.frame, terms, streams);
    ASSERT_TRUE(shared);
    on_loop([&] {
        socket_->send(prepared);
        socket_->send(plain);
        EXPECT_GE(shared.use_count(), 3);  // here, in the message, on its way
    });
    EXPECT_EQ(prepared.deflated->get(*prepared.frame, terms, streams), shared);
    EXPECT_EQ(read_message(), big);
    EXPECT_EQ(peer_->read_frame(), (Frame{Opcode::Binary, big}));
}

TEST_F(WebSocketDeflateTest, AClientWithASmallWindowGetsAFrameOfItsOwn) {
    const std::string far = noise(2'000) + std::string(2'000, 'x') + noise(2'000);  // what is repeated is out of a small window's reach
    const auto prepared = PreparedMessage::binary(far);
    DeflateStreams streams;
    const SharedBytes wide = prepared.deflated->get(*prepared.frame, DeflateTerms::of({}, 15), streams);
    const SharedBytes narrow = prepared.deflated->get(*prepared.frame, DeflateTerms::of({}, 9), streams);
    ASSERT_TRUE(wide);
    ASSERT_TRUE(narrow);
    EXPECT_GT(narrow->size(), wide->size() + 1'000);
    EXPECT_EQ(inflated(std::string_view(*narrow).substr(4), 10'000).second, far);
}

TEST_F(WebSocketDeflateTest, CompressedMessagesAreDelivered) {
    connect();
    peer_->send(compressed_frame(Opcode::Text, kHello));
    peer_->send_frame(Opcode::Text, "plain");
    Deflater deflater(6, 15);
    peer_->send(compressed_frame(Opcode::Binary, *deflater.deflate(long_text_)));
    EXPECT_EQ(recorder_.wait_for_messages(3), (std::vector<std::string>{"Hello", "plain", long_text_}));
}

TEST_F(WebSocketDeflateTest, FragmentsOfACompressedMessageMayBeCutAnywhere) {
    connect();
    std::string bytes = compressed_frame(Opcode::Text, kHello.substr(0, 3), false) + Peer::client_frame(Opcode::Ping, "?") +
                        Peer::client_frame(Opcode::Continuation, "", false) +
                        Peer::client_frame(Opcode::Continuation, std::string(kHello.substr(3)));
    for (const char byte : bytes) peer_->send({&byte, 1});
    EXPECT_EQ(recorder_.wait_for_messages(1), std::vector<std::string>{"Hello"});
    peer_->send_frame(Opcode::Text, "next is plain");
    EXPECT_EQ(recorder_.wait_for_messages(2).back(), "next is plain");
}

TEST_F(WebSocketDeflateTest, AMessageThatIsLongerCompressedMayStillBeAsLongAsAllowed) {
    connect();
    const std::string incompressible = noise(1'000'000);
    std::string stored;  // blocks that are not compressed: RFC 1951 section 3.2.4
    for (std::size_t at = 0; at < incompressible.size(); at += 16'000) {
        const auto part = std::string_view(incompressible).substr(at, 16'000);
        const auto size = static_cast<std::uint16_t>(part.size());
        for (const int byte : {0, size & 255, size >> 8, ~size & 255, ~size >> 8 & 255}) stored += static_cast<char>(byte);
        stored += part;
    }
    stored += '\0';
    peer_->send(compressed_frame(Opcode::Binary, stored));
    const auto messages = recorder_.wait_for_messages(1);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0] == incompressible);
}

TEST_F(WebSocketDeflateTest, ABombClosesWithTooBig) {
    connect();
    Deflater deflater(9, 15);
    peer_->send(compressed_frame(Opcode::Text, *deflater.deflate(std::string(50'000'000, 'x'))));
    expect_failure(CloseCode::MessageTooBig);
}

TEST_F(WebSocketDeflateTest, BrokenDataClosesWithInvalidPayload) {
    connect();
    peer_->send(compressed_frame(Opcode::Text, "\xff\xff\xff"));
    expect_failure(CloseCode::InvalidPayload);
}

TEST_F(WebSocketDeflateTest, TextIsCheckedAfterItWasInflated) {
    connect();
    Deflater deflater(6, 15);
    peer_->send(compressed_frame(Opcode::Text, *deflater.deflate(std::string(100, '\xff'))));
    expect_failure(CloseCode::InvalidPayload);
}

TEST_F(WebSocketDeflateTest, Rsv1OnAContinuationIsAProtocolError) {
    connect();
    peer_->send(compressed_frame(Opcode::Text, kHello.substr(0, 3), false) + compressed_frame(Opcode::Continuation, kHello.substr(3)));
    expect_failure(CloseCode::ProtocolError);
}

TEST_F(WebSocketDeflateTest, Rsv1OnAControlFrameIsAProtocolError) {
    connect();
    peer_->send(compressed_frame(Opcode::Ping, "?"));
    expect_failure(CloseCode::ProtocolError);
}

TEST_F(WebSocketDeflateTest, TheOtherReservedBitsStayForbidden) {
    connect();
    std::string frame = compressed_frame(Opcode::Text, kHello);
    frame[0] = static_cast<char>(frame[0] | 0x20);
    peer_->send(frame);
    expect_failure(CloseCode::ProtocolError);
}

TEST_F(WebSocketDeflateTest, Rsv1ThatWasNotNegotiatedIsAProtocolError) {
    extensions_ = "";
    connect();
    peer_->send(compressed_frame(Opcode::Text, kHello));
    expect_failure(CloseCode::ProtocolError);
}

}  // namespace
}  // namespace parley::net
