#include "dialect/json_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace parley::dialect {
namespace {

using namespace std::string_literals;

std::string string_json(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

std::string time_text(std::int64_t milliseconds) {
    std::string out;
    append_time(out, chat::Timestamp(std::chrono::milliseconds(milliseconds)));
    return out;
}

// Right column: what Node prints for String(left).
TEST(NumberText, IsWhatJavaScriptWrites) {
    const std::pair<double, const char*> table[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.0, "-1"},
        {42, "42"},
        {0.1, "0.1"},
        {-0.5, "-0.5"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {123456.789, "123456.789"},
        {100, "100"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {-1e21, "-1e+21"},
        {1.5e21, "1.5e+21"},
        {1.2345678901234568e+29, "1.2345678901234568e+29"},
        {12345678901234567890.0, "12345678901234567000"},
        {9007199254740993.0, "9007199254740992"},
        {123456789012345680000.0, "123456789012345680000"},
        {0.000001, "0.000001"},
        {0.00000123, "0.00000123"},
        {0.0000001, "1e-7"},
        {1.23e-7, "1.23e-7"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {1e100, "1e+100"},
        {1e-10, "1e-10"},
        {std::numeric_limits<double>::infinity(), "Infinity"},
        {-std::numeric_limits<double>::infinity(), "-Infinity"},
    };
    for (const auto& [value, text] : table) EXPECT_EQ(number_text(value), text);
}

TEST(JsonText, OnlyWhatMustBeIsEscaped) {
    EXPECT_EQ(string_json(""), R"("")");
    EXPECT_EQ(string_json("plain"), R"("plain")");
    EXPECT_EQ(string_json(R"(a"b\c/d)"), R"("a\"b\\c/d")");
    EXPECT_EQ(string_json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(string_json("\0\x01\x1f"s), R"("\u0000\u0001\u001f")");
    EXPECT_EQ(string_json("\x7f é 😀 \u2028"), "\"\x7f é 😀 \u2028\"");
}

TEST(JsonText, WhatMustBeEscapedIsFoundWhereverItStands) {
    for (std::size_t length = 1; length < 100; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            std::string text(length, 'x');
            text[at] = '"';
            EXPECT_EQ(string_json(text), '"' + std::string(at, 'x') + "\\\"" + std::string(length - at - 1, 'x') + '"');
        }
    }
}

TEST(JsonText, TimesAreIsoWithMilliseconds) {
    EXPECT_EQ(time_text(0), R"("1970-01-01T00:00:00.000Z")");
    EXPECT_EQ(time_text(1732269723004), R"("2024-11-22T10:02:03.004Z")");
    EXPECT_EQ(time_text(951868799999), R"("2000-02-29T23:59:59.999Z")");
    EXPECT_EQ(time_text(-1), R"("1969-12-31T23:59:59.999Z")");
    EXPECT_EQ(time_text(253402300800000), R"("+010000-01-01T00:00:00.000Z")");
}

TEST(JsonText, IdsAreLowerCaseHex) {
    std::string out;
    append_id(out, *chat::ObjectId::parse("0123456789ABCDEF01234567"));
    EXPECT_EQ(out, R"("0123456789abcdef01234567")");
}

}  // namespace
}  // namespace parley::dialect
