#include "websocket_frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::net {
namespace {

using Kind = FrameEvent::Kind;

// An event whose texts outlive the reader.
struct Seen {
    Kind kind;
    bool binary;
    CloseCode code;
    std::string payload;
    friend bool operator==(const Seen&, const Seen&) = default;
    friend void PrintTo(const Seen& seen, std::ostream* out) {
        *out << "{kind " << static_cast<int>(seen.kind) << (seen.binary ? " binary" : "") << ", code " << static_cast<int>(seen.code)
             << ", " << seen.payload.size() << " bytes: " << seen.payload.substr(0, 60) << "}";
    }
};

Seen text(std::string payload) {
    return {Kind::Message, false, CloseCode::NoStatus, std::move(payload)};
}

constexpr std::array<char, 4> kKey{'\x37', '\xfa', '\x21', '\x3d'};

struct ClientFrame {
    Opcode opcode = Opcode::Text;
    std::string payload;
    bool fin = true;
};

std::string encode(const ClientFrame& frame) {
    std::string bytes(ServerFrameHeader(frame.opcode, frame.payload.size()).view());
    if (!frame.fin) bytes[0] = static_cast<char>(bytes[0] & 0x7f);
    bytes[1] = static_cast<char>(bytes[1] | 0x80);
    bytes.append(kKey.data(), kKey.size());
    std::string payload = frame.payload;
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ kKey[i % 4]);
    return bytes + payload;
}

std::string encode(const std::vector<ClientFrame>& frames) {
    std::string bytes;
    for (const auto& frame : frames) bytes += encode(frame);
    return bytes;
}

constexpr std::size_t kLimit = 200'000;

// What a reader says when it is fed `bytes` in pieces of `piece` bytes, up to an error.
std::vector<Seen> read_all(std::string bytes, std::size_t piece) {
    FrameReader reader(kLimit);
    std::vector<Seen> seen;
    for (std::size_t offset = 0; offset < bytes.size(); offset += piece) {
        std::span<char> input = std::span(bytes).subspan(offset, std::min(piece, bytes.size() - offset));
        while (true) {
            const FrameEvent event = reader.next(input);
            if (event.kind == Kind::NeedMore) break;
            seen.push_back({event.kind, event.binary, event.code, std::string(event.payload)});
            if (event.kind == Kind::Error) return seen;
        }
        EXPECT_TRUE(input.empty());
    }
    EXPECT_FALSE(!seen.empty() && seen.back().kind == Kind::Message && reader.keeps_bytes() && piece >= bytes.size());
    return seen;
}

// The same bytes in one piece and in small ones must say the same.
std::vector<Seen> read_all(const std::string& bytes) {
    const std::vector<Seen> whole = read_all(bytes, bytes.size());
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 13u, 1000u}) EXPECT_EQ(read_all(bytes, piece), whole) << "in pieces of " << piece;
    return whole;
}

TEST(FrameReader, SampleOfTheRfcIsRead) {
    // RFC 6455 section 5.7: a single-frame masked text message.
    EXPECT_EQ(read_all("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), std::vector{text("Hello")});
}

TEST(FrameReader, LengthsOfEveryFormAreRead) {
    for (const std::size_t length : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 200'000u}) {
        const std::string payload(length, 'x');
        EXPECT_EQ(read_all(encode({Opcode::Text, payload})), std::vector{text(payload)}) << length;
    }
}

TEST(FrameReader, MessagesBehindOneAnotherAreReadInOrder) {
    const auto bytes = encode({{Opcode::Text, "one"}, {Opcode::Binary, std::string("\0\xff", 2)}, {Opcode::Text, ""}});
    const std::vector<Seen> expected{text("one"), {Kind::Message, true, CloseCode::NoStatus, std::string("\0\xff", 2)}, text("")};
    EXPECT_EQ(read_all(bytes), expected);
}

TEST(FrameReader, FragmentsWithControlFramesBetweenThemBecomeOneMessage) {
    const auto bytes = encode({{Opcode::Text, "Hal", false},
                               {Opcode::Ping, "are you there"},
                               {Opcode::Continuation, "", false},
                               {Opcode::Pong, ""},
                               {Opcode::Continuation, "lo \xc3", false},
                               {Opcode::Continuation, "\xa9", true},
                               {Opcode::Text, "next"}});
    const std::vector<Seen> expected{{Kind::Ping, false, CloseCode::NoStatus, "are you there"},
                                     {Kind::Pong, false, CloseCode::NoStatus, ""},
                                     text("Hallo \xc3\xa9"),
                                     text("next")};
    EXPECT_EQ(read_all(bytes), expected);
}

TEST(FrameReader, CloseFramesGiveCodeAndReason) {
    EXPECT_EQ(read_all(encode({Opcode::Close, "\x03\xe8g\xc3\xbcn"})),
              (std::vector<Seen>{{Kind::Close, false, CloseCode::Normal, "g\xc3\xbcn"}}));
    EXPECT_EQ(read_all(encode({Opcode::Close, ""})), (std::vector<Seen>{{Kind::Close, false, CloseCode::NoStatus, ""}}));
}

struct Offence {
    const char* name;
    std::string bytes;
    CloseCode code;
    std::string why;
};

std::string changed(std::string bytes, std::size_t at, int value) {
    bytes[at] = static_cast<char>(value);
    return bytes;
}

std::vector<Offence> offences() {
    const std::string hello = encode({Opcode::Text, "Hello"});
    const std::string half_a_million = std::string("\x82\xff\0\0\0\0\0\x07\xa1\x20", 10) + "keys";  // the header alone
    using enum CloseCode;
    return {
        {"RSV1", changed(hello, 0, 0xc1), ProtocolError, "reserved bits set without an extension"},
        {"RSV2", changed(hello, 0, 0xa1), ProtocolError, "reserved bits set without an extension"},
        {"RSV3", changed(hello, 0, 0x91), ProtocolError, "reserved bits set without an extension"},
        {"data opcode 3", changed(hello, 0, 0x83), ProtocolError, "unknown opcode"},
        {"data opcode 7", changed(hello, 0, 0x87), ProtocolError, "unknown opcode"},
        {"control opcode 11", changed(hello, 0, 0x8b), ProtocolError, "unknown opcode"},
        {"control opcode 15", changed(hello, 0, 0x8f), ProtocolError, "unknown opcode"},
        {"no mask", encode_frame(Opcode::Text, "Hello"), ProtocolError, "frame without a mask"},
        {"16-bit length of 125", std::string("\x82\xfe\0\x7dkeys", 8), ProtocolError, "length not in its shortest form"},
        {"64-bit length of 65535", std::string("\x82\xff\0\0\0\0\0\0\xff\xffkeys", 14), ProtocolError, "length not in its shortest form"},
        {"length with the top bit", std::string("\x82\xff\x80\0\0\0\0\0\0\0keys", 14), ProtocolError, "length with its highest bit set"},
        {"fragmented ping", encode({Opcode::Ping, "x", false}), ProtocolError, "fragmented control frame"},
        {"fragmented close", encode({Opcode::Close, "", false}), ProtocolError, "fragmented control frame"},
        {"ping of 126 bytes", encode({Opcode::Ping, std::string(126, 'x')}), ProtocolError, "control frame of over 125 bytes"},
        {"close of 126 bytes", encode({Opcode::Close, "\x03\xe8" + std::string(124, 'x')}), ProtocolError,
         "control frame of over 125 bytes"},
        {"continuation first", encode({Opcode::Continuation, "x"}), ProtocolError, "continuation of nothing"},
        {"text within text", encode({{Opcode::Text, "x", false}, {Opcode::Text, "y"}}), ProtocolError,
         "new message within a fragmented one"},
        {"binary within text", encode({{Opcode::Text, "x", false}, {Opcode::Binary, "y", false}}), ProtocolError,
         "new message within a fragmented one"},
        {"too long by its header", half_a_million, MessageTooBig, "message too big"},
        {"too long with its fragments", encode({{Opcode::Binary, std::string(kLimit, 'x'), false}, {Opcode::Continuation, "y"}}),
         MessageTooBig, "message too big"},
        {"close with half a code", encode({Opcode::Close, "\x03"}), ProtocolError, "close frame with half a code"},
        {"text that is not UTF-8", encode({Opcode::Text, "\xc0\xaf"}), InvalidPayload, "text is not UTF-8"},
        {"text that ends within a character", encode({Opcode::Text, "abc\xe2\x82"}), InvalidPayload, "text is not UTF-8"},
        {"fragments that are not UTF-8 together", encode({{Opcode::Text, "\xe2\x82", false}, {Opcode::Continuation, "x"}}), InvalidPayload,
         "text is not UTF-8"},
        {"close reason that is not UTF-8", encode({Opcode::Close, "\x03\xe8\xff"}), InvalidPayload, "close reason is not UTF-8"},
    };
}

TEST(FrameReader, EveryOffenceIsNamedWithItsCode) {
    for (const Offence& offence : offences()) {
        SCOPED_TRACE(offence.name);
        EXPECT_EQ(read_all(offence.bytes), (std::vector<Seen>{{Kind::Error, false, offence.code, offence.why}}));
    }
}

TEST(FrameReader, WhatCameBeforeAnOffenceIsDelivered) {
    const auto bytes = encode({Opcode::Text, "fine"}) + encode_frame(Opcode::Text, "no mask");
    EXPECT_EQ(read_all(bytes), (std::vector<Seen>{text("fine"), {Kind::Error, false, CloseCode::ProtocolError, "frame without a mask"}}));
}

TEST(FrameReader, CloseCodesAreCheckedOneByOne) {
    const auto allowed = [](int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    };
    for (int code = 0; code <= 0xffff; ++code) {
        const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
        std::string bytes = encode({Opcode::Close, payload});
        std::span<char> input(bytes);
        const FrameEvent event = FrameReader(kLimit).next(input);
        ASSERT_EQ(event.kind, allowed(code) ? Kind::Close : Kind::Error) << code;
        ASSERT_EQ(static_cast<int>(event.code), allowed(code) ? code : 1002) << code;
    }
}

TEST(FrameReader, WholeFramesAreReadInPlaceAndNothingIsKept) {
    std::string bytes = encode({{Opcode::Text, "in place"}, {Opcode::Ping, "ping"}});
    std::span<char> input(bytes);
    FrameReader reader(kLimit);
    const FrameEvent message = reader.next(input);
    EXPECT_EQ(message.payload, "in place");
    EXPECT_EQ(message.payload.data(), bytes.data() + 6);
    EXPECT_EQ(reader.next(input).payload, "ping");
    EXPECT_FALSE(reader.keeps_bytes());
}

TEST(FrameReader, WhatWasKeptIsGivenBackWhenTheMessageIsComplete) {
    std::string bytes = encode({Opcode::Text, std::string(100'000, 'x')});
    std::span<char> first = std::span(bytes).first(50'000);
    std::span<char> second = std::span(bytes).subspan(50'000);
    FrameReader reader(kLimit);
    EXPECT_EQ(reader.next(first).kind, Kind::NeedMore);
    EXPECT_TRUE(reader.keeps_bytes());
    EXPECT_EQ(reader.next(second).payload.size(), 100'000u);
    EXPECT_EQ(reader.next(second).kind, Kind::NeedMore);
    EXPECT_FALSE(reader.keeps_bytes());
}

TEST(Unmask, AnyOffsetAndLengthEqualsByteByByte) {
    for (std::size_t offset = 0; offset < 4; ++offset) {
        for (std::size_t length = 0; length < 40; ++length) {
            std::string data(length, '\0');
            for (std::size_t i = 0; i < length; ++i) data[i] = static_cast<char>(i * 7);
            std::string expected = data;
            for (std::size_t i = 0; i < length; ++i) expected[i] = static_cast<char>(expected[i] ^ kKey[(offset + i) % 4]);
            unmask(data, kKey, offset);
            ASSERT_EQ(data, expected) << offset << " " << length;
        }
    }
}

TEST(EncodeFrame, HeadersHaveTheShortestLength) {
    EXPECT_EQ(encode_frame(Opcode::Text, "Hello"), "\x81\x05Hello");  // RFC 6455 section 5.7
    EXPECT_EQ(ServerFrameHeader(Opcode::Binary, 125).view(), "\x82\x7d");
    EXPECT_EQ(ServerFrameHeader(Opcode::Binary, 126).view(), std::string_view("\x82\x7e\x00\x7e", 4));
    EXPECT_EQ(ServerFrameHeader(Opcode::Binary, 65535).view(), std::string_view("\x82\x7e\xff\xff", 4));
    EXPECT_EQ(ServerFrameHeader(Opcode::Binary, 65536).view(), std::string_view("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST(EncodeClose, ReasonIsCutBetweenCharactersAndPseudoCodesAreLeftOut) {
    EXPECT_EQ(encode_close(CloseCode::GoingAway, "bye"),
              "\x03\xe9"
              "bye");
    EXPECT_EQ(encode_close(CloseCode::NoStatus, "bye"), "");
    EXPECT_EQ(encode_close(CloseCode::Abnormal, "bye"), "");
    std::string reason(122, 'x');
    reason += "\xe2\x82\xac and more";
    EXPECT_EQ(encode_close(CloseCode::Normal, reason), "\x03\xe8" + std::string(122, 'x'));
}

}  // namespace
}  // namespace parley::net
