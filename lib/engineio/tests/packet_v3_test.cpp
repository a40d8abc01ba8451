// Packets and polling bodies of version 3, after the examples and rules of its protocol text.
#include "parley/engineio/packet_v3.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::engineio::v3 {
namespace {

using namespace std::literals;
using Texts = std::vector<std::string>;

// "4:hi" for a text packet, "b4:\1\2" for a binary one, "!" for an error.
Texts read_all(std::string_view payload, bool octet_stream) {
    Texts packets;
    PayloadReader reader(payload, octet_stream);
    while (true) {
        const auto packet = reader.next();
        if (!packet) packets.push_back("!");
        if (!packet || !*packet) return packets;
        packets.push_back(((*packet)->binary ? "b" : "") + std::string(1, static_cast<char>((*packet)->type)) + ":" +
                          std::string((*packet)->data));
    }
}

Texts read_text(std::string_view payload) {
    return read_all(payload, false);
}

Texts read_bytes(std::string_view payload) {
    return read_all(payload, true);
}

TEST(PacketV3, ABinaryMessageSaysItsType) {
    const auto packet = decode_bytes("\x04\x01\x02"sv);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->type, PacketType::Message);
    EXPECT_EQ(packet->data, "\x01\x02");
    EXPECT_TRUE(packet->binary);
    EXPECT_FALSE(decode_bytes(""));
    EXPECT_FALSE(decode_bytes("\x07"));
    EXPECT_FALSE(decode_bytes("4a"));
    EXPECT_FALSE(decode_bytes("\xff"));
}

TEST(PacketV3, Base64HasATypeToo) {
    std::string bytes;
    const auto packet = decode_text("b4AQIDBA==", bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->data, "\x01\x02\x03\x04");
    EXPECT_TRUE(packet->binary);
    for (const char* text : {"b", "bAQIDBA==", "b4*", "b7AQ==", "", "a", "7"}) EXPECT_FALSE(decode_text(text, bytes)) << text;
}

TEST(PacketV3, AMessageIsWrittenForEitherKindOfTransport) {
    EXPECT_EQ(encode_as_text("\x01\x02\x03\x04"), "b4AQIDBA==");
    EXPECT_EQ(encode_as_bytes("\x01\x02"), "\x04\x01\x02");
}

TEST(PayloadV3, LengthsOfTextAreUtf16CodeUnits) {
    EXPECT_EQ(read_text("6:4hello2:4\xe2\x82\xac"), (Texts{"4:hello", "4:\xe2\x82\xac"}));
    EXPECT_EQ(read_text("3:4\xf0\x9f\x98\x80"
                        "1:2"),
              (Texts{"4:\xf0\x9f\x98\x80", "2:"}));
    EXPECT_EQ(read_text("2:4\xf0\x9f\x98\x80"), Texts{"!"});  // half of a surrogate pair
}

TEST(PayloadV3, TextMayHoldBase64) {
    EXPECT_EQ(read_text("6:4hello10:b4AQIDBA=="), (Texts{"4:hello", "b4:\x01\x02\x03\x04"}));
}

TEST(PayloadV3, WrongTextEndsTheReading) {
    for (const char* payload :
         {"", "abc", "6", ":4a", "3:4a", "-1:4", "1e1:4aaaaaaaaa", "99999999999:4", "2:7a", "3:4\xff\xff", "2:4\xf0", "4294967297:4"}) {
        EXPECT_EQ(read_text(payload), Texts{"!"}) << payload;
    }
    EXPECT_EQ(read_text("2:4ax"), (Texts{"4:a", "!"}));
}

TEST(PayloadV3, AnEmptyListOfPacketsIsNothing) {
    EXPECT_EQ(read_text("0:"), Texts{"6:"});
}

TEST(PayloadV3, NothingIsReadAfterAnError) {
    PayloadReader reader("x2:4a", false);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.next().value());
}

TEST(PayloadV3, LengthsOfBytesAreBytes) {
    EXPECT_EQ(read_bytes("\x00\x04\xff"
                         "4\xe2\x82\xac"
                         "\x01\x05\xff\x04\x01\x02\x03\x04"s),
              (Texts{"4:\xe2\x82\xac", "b4:\x01\x02\x03\x04"}));
    const std::string twelve = "\x01\x01\x02\xff\x04"s + std::string(11, 'x');
    EXPECT_EQ(read_bytes(twelve), Texts{"b4:" + std::string(11, 'x')});
    EXPECT_EQ(read_bytes(""), Texts{});
}

TEST(PayloadV3, WrongBytesEndTheReading) {
    const Texts wrong{"\x02\x01\xff\x04"s,
                      "\x01"s,
                      "\x01\xff\x04"s,
                      "\x01\x05\xff\x04"s,
                      "\x01\x0a\xff\x04"s,
                      "\x00\x01\xff\x04"s,
                      "\x01\x01\xff\x07"s,
                      "\x00\x02\xff\x34\xff"s,
                      "\x01\x01"s,
                      "\x01\x00\xff"s,
                      "4a"s};
    for (const std::string& payload : wrong) EXPECT_EQ(read_bytes(payload), Texts{"!"}) << payload;
}

TEST(PayloadV3, WhatIsWrittenIsRead) {
    std::string text, bytes;
    for (const auto append : {append_to_text, append_to_bytes}) {
        std::string& payload = append == append_to_text ? text : bytes;
        append(payload, "4h\xc3\xa9llo", false);
        append(payload, "\x01\x02\x03\x04", true);
        append(payload, "3", false);
    }
    EXPECT_EQ(text, "6:4h\xc3\xa9llo10:b4AQIDBA==1:3");
    EXPECT_EQ(bytes,
              "\x00\x07\xff"
              "4h\xc3\xa9llo"
              "\x01\x05\xff\x04\x01\x02\x03\x04"
              "\x00\x01\xff"
              "3"s);
    const Texts packets{"4:h\xc3\xa9llo", "b4:\x01\x02\x03\x04", "3:"};
    EXPECT_EQ(read_text(text), packets);
    EXPECT_EQ(read_bytes(bytes), packets);
}

}  // namespace
}  // namespace parley::engineio::v3
