#include "dialect/fields.hpp"

#include <gtest/gtest.h>

namespace parley::dialect {
namespace {

using namespace std::string_literals;
using Kind = Field::Kind;

Field message_of(std::string_view json) {
    const auto fields = Fields::parse(json);
    EXPECT_TRUE(fields.has_value()) << json;
    return fields ? (*fields)["message"] : Field();
}

bool is_refused(std::string_view json) {
    const auto fields = Fields::parse(json);
    return !fields && fields.error().code == ErrorCode::InvalidArgument;
}

std::string nested(std::size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(Fields, ValuesBecomeWhatJavaScriptCastsThemTo) {
    const std::tuple<const char*, Kind, const char*> table[] = {
        {R"({"message":"hi"})", Kind::Text, "hi"},
        {R"({"message":""})", Kind::Text, ""},
        {R"({"message":null})", Kind::Null, ""},
        {R"({})", Kind::Missing, ""},
        {R"({"message":true})", Kind::Boolean, "true"},
        {R"({"message":false})", Kind::Boolean, "false"},
        {R"({"message":123})", Kind::Number, "123"},
        {R"({"message":0})", Kind::Number, "0"},
        {R"({"message":-0})", Kind::Number, "0"},
        {R"({"message":-0.5})", Kind::Number, "-0.5"},
        {R"({"message":1.50})", Kind::Number, "1.5"},
        {R"({"message":1e21})", Kind::Number, "1e+21"},
        {R"({"message":1E2})", Kind::Number, "100"},
        {R"({"message":12345678901234567890})", Kind::Number, "12345678901234567000"},
        {R"({"message":123456789012345678901234567890})", Kind::Number, "1.2345678901234568e+29"},
        {R"({"message":0.30000000000000004})", Kind::Number, "0.30000000000000004"},
        {R"({"message":2.2250738585072011e-308})", Kind::Number, "2.225073858507201e-308"},
        {R"({"message":1e400})", Kind::Number, "Infinity"},
        {R"({"message":-1e400})", Kind::Number, "-Infinity"},
        {R"({"message":1e-400})", Kind::Number, "0"},
        {R"({"message":{"a":1}})", Kind::Composite, ""},
        {R"({"message":{}})", Kind::Composite, ""},
        {R"({"message":["a",2]})", Kind::Composite, ""},
        {R"({"message":"\ud83d\ude00 \u00e9 \/ \b"})", Kind::Text, "😀 é / \b"},
        {R"({"m\u0065ssage":"escaped key"})", Kind::Text, "escaped key"},
        {" \r\n\t{ \"message\" : \"spaced\" } \n", Kind::Text, "spaced"},
    };
    for (const auto& [json, kind, text] : table) {
        const Field field = message_of(json);
        EXPECT_EQ(field.kind, kind) << json;
        EXPECT_EQ(field.text, text) << json;
    }
}

TEST(Fields, OfARepeatedKeyTheLastCounts) {
    EXPECT_EQ(message_of(R"({"message":"first","x":1,"message":"second"})").text, "second");
    EXPECT_TRUE(message_of(R"({"message":"first","message":{}})").composite());
}

TEST(Fields, OnlyTheFirstLevelCounts) {
    EXPECT_EQ(message_of(R"({"a":{"message":"inner"},"b":[{"message":1}],"message":"outer","c":[5]})").text, "outer");
    EXPECT_EQ(message_of(R"({"a":{"message":"inner"}})").kind, Kind::Missing);
}

TEST(Fields, AListHasNoFields) {
    EXPECT_EQ(message_of("[]").kind, Kind::Missing);
    EXPECT_EQ(message_of(R"([{"message":"x"}])").kind, Kind::Missing);
}

TEST(Fields, ANulStaysInTheText) {
    EXPECT_EQ(message_of(R"({"message":"a\u0000b"})").text, "a\0b"s);
}

TEST(Fields, ALoneSurrogateBecomesTheReplacementCharacter) {
    EXPECT_EQ(message_of(R"({"message":"a\ud83d"})").text, "a\uFFFD");
    EXPECT_EQ(message_of(R"({"message":"\ud83d\ud83d\ude00"})").text, "\uFFFD😀");
    EXPECT_EQ(message_of(R"({"message":"\uDE00x"})").text, "\uFFFDx");
    // No escape at all: a backslash, and what follows it.
    EXPECT_EQ(message_of(R"({"message":"\\ud83d"})").text, "\\ud83d");
}

TEST(Fields, AByteOrderMarkIsSkipped) {
    EXPECT_EQ(message_of("\xef\xbb\xbf{\"message\":\"x\"}").text, "x");
}

TEST(Fields, WhatIsNoObjectIsRefused) {
    for (const char* json : {"",
                             "  ",
                             "{",
                             "}",
                             "{]",
                             "\"alice\"",
                             "null",
                             "5",
                             "true",
                             "{username:'alice'}",
                             R"({"a":1,})",
                             R"({"a":1}{"b":2})",
                             R"({"a":1} x)",
                             R"({"a":01})",
                             R"({"a":+1})",
                             R"({"a":.5})",
                             R"({"a":NaN})",
                             R"({"a":"unterminated)",
                             R"({"a" 1})",
                             R"({"a":1 "b":2})",
                             R"({"message":"x")",
                             "{\"a\":\"line\nbreak\"}",
                             "// comment\n{}",
                             R"({"a":"\x41"})",
                             R"({"a":"\u12g4"})"}) {
        EXPECT_TRUE(is_refused(json)) << json;
    }
}

TEST(Fields, InvalidUtf8IsRefused) {
    EXPECT_TRUE(is_refused("{\"message\":\"\xff\"}"));
    EXPECT_TRUE(is_refused("{\"message\":\"\xc0\xaf\"}"));
    EXPECT_TRUE(is_refused("{\"\xed\xa0\x80\":1}"));
}

TEST(Fields, ThirtyTwoLevelsAreTheLimit) {
    EXPECT_FALSE(is_refused(nested(kMaxJsonDepth)));
    EXPECT_TRUE(is_refused(nested(kMaxJsonDepth + 1)));
    EXPECT_TRUE(is_refused(std::string(50'000, '[')));
}

TEST(Fields, ManyFieldsAreRead) {
    std::string json = "{";
    for (int i = 0; i < 10'000; ++i) json += "\"" + std::to_string(i) + "\":1,";
    EXPECT_EQ(message_of(json + R"("message":"last"})").text, "last");
}

TEST(Fields, AListIsToldFromAnObject) {
    EXPECT_TRUE(Fields::parse(" [1]")->from_list());
    EXPECT_FALSE(Fields::parse(" {}")->from_list());
    EXPECT_FALSE(Fields::parse(R"({"a":[1]})")->from_list());
}

}  // namespace
}  // namespace parley::dialect
