#include "parley/engineio/packet.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "../src/session_id.hpp"
#include "parley/engineio/session.hpp"

namespace parley::engineio {
namespace {

using namespace std::chrono_literals;

// "4:hi b:\1\2 !" for a message, a binary message and an error.
std::vector<std::string> read_all(std::string_view payload) {
    std::vector<std::string> packets;
    PayloadReader reader(payload);
    while (true) {
        const auto packet = reader.next();
        if (!packet) {
            packets.push_back("!");
            return packets;
        }
        if (!*packet) return packets;
        const std::string type((*packet)->binary ? "b" : std::string(1, static_cast<char>((*packet)->type)));
        packets.push_back(type + ":" + std::string((*packet)->data));
    }
}

using Texts = std::vector<std::string>;

TEST(Packet, EveryTypeIsTheFirstCharacter) {
    for (const char type : std::string("0123456")) {
        const std::string text = std::string(1, type) + "data";
        const auto packet = decode_packet(text);
        ASSERT_TRUE(packet);
        EXPECT_EQ(packet->type, static_cast<PacketType>(type));
        EXPECT_EQ(packet->data, "data");
        EXPECT_FALSE(packet->binary);
    }
}

TEST(Packet, OtherTypesAreNone) {
    for (const std::string text : {"", "7", "9", "/", ":", "b", "hello", " 4", "\x1e"}) EXPECT_FALSE(decode_packet(text)) << text;
}

TEST(Payload, SeveralPackets) {
    EXPECT_EQ(read_all("4a\x1e"
                       "4\x1e"
                       "3\x1e"
                       "4[\"b\"]"),
              (Texts{"4:a", "4:", "3:", "4:[\"b\"]"}));
}

TEST(Payload, BinaryIsBase64) {
    EXPECT_EQ(read_all("4a\x1e"
                       "bAQIDBA==\x1e"
                       "b\x1e"
                       "4c"),
              (Texts{"4:a", "b:\x01\x02\x03\x04", "b:", "4:c"}));
}

TEST(Payload, BinaryMayBeFoldedIntoLines) {
    PayloadReader reader(
        "bAAEC\nAwQ=\n\x1e"
        "4next");
    const auto bytes = reader.next();
    ASSERT_TRUE(bytes && *bytes);
    EXPECT_EQ((*bytes)->data, std::string_view("\0\1\2\3\4", 5));
    const auto next = reader.next();
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->data, "next");
}

TEST(Payload, EndsAtTheFirstError) {
    EXPECT_EQ(read_all(""), Texts{"!"});
    EXPECT_EQ(read_all("hello"), Texts{"!"});
    EXPECT_EQ(read_all("4a\x1e"), (Texts{"4:a", "!"}));
    EXPECT_EQ(read_all("\x1e"
                       "4a"),
              Texts{"!"});
    EXPECT_EQ(read_all("4a\x1e"
                       "bA*==\x1e"
                       "4c"),
              (Texts{"4:a", "!"}));
}

TEST(Payload, TextMustBeUtf8) {
    EXPECT_EQ(read_all("4\xc3\xa4"), Texts{"4:\xc3\xa4"});
    EXPECT_EQ(read_all("4\xff"), Texts{"!"});
    EXPECT_EQ(read_all("4\xed\xa0\x80"), Texts{"!"});
}

TEST(Payload, NothingIsReadAfterAnError) {
    PayloadReader reader(
        "x\x1e"
        "4a");
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.next().value());
}

TEST(Payload, WhatIsWrittenIsRead) {
    std::string payload;
    append_packet(payload, "4hi", false);
    append_packet(payload, std::string("\0\x1e\xff", 3), true);
    append_packet(payload, "2", false);
    EXPECT_EQ(payload,
              "4hi\x1e"
              "bAB7/\x1e"
              "2");
    EXPECT_EQ(read_all(payload), (Texts{"4:hi", "b:" + std::string("\0\x1e\xff", 3), "2:"}));
}

TEST(Payload, OpenPacketIsAsRecorded) {
    EXPECT_EQ(encode_open({"abc", true, 25s, 20s, 1'000'000}),
              R"(0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    EXPECT_EQ(encode_open({"abc", false, 1s, 2s, 3}),
              R"(0{"sid":"abc","upgrades":[],"pingInterval":1000,"pingTimeout":2000,"maxPayload":3})");
}

TEST(PreparedPacket, PollingSendsAPartOfTheFrame) {
    for (const std::size_t size : {0u, 100u, 200u, 70'000u}) {
        const std::string message(size, 'x');
        const PreparedPacket text = PreparedPacket::text(message);
        EXPECT_EQ(text.packet(), "4" + message);
        EXPECT_FALSE(text.binary);
        EXPECT_GT(text.payload_offset, 0u);
        const PreparedPacket bytes = PreparedPacket::bytes(message);
        EXPECT_EQ(bytes.packet(), message);
        EXPECT_TRUE(bytes.binary);
    }
}

TEST(SessionId, NamesItsPlace) {
    const std::string id = make_session_id({0xabcd, 254});
    EXPECT_EQ(id.size(), 24u);
    EXPECT_EQ(place_of_session(id), (SessionPlace{0xabcd, 254}));
    EXPECT_NE(id, make_session_id({0xabcd, 254}));
}

TEST(SessionId, OthersAreNone) {
    const std::string id = make_session_id({0, 0});
    EXPECT_FALSE(place_of_session(""));
    EXPECT_FALSE(place_of_session("doesnotexist"));
    EXPECT_FALSE(place_of_session(id + "AAAA"));
    EXPECT_FALSE(place_of_session("B" + id.substr(1)));  // another version
    EXPECT_FALSE(place_of_session("*" + id.substr(1)));
}

}  // namespace
}  // namespace parley::engineio
