#include "app/setting_values.hpp"

#include <gtest/gtest.h>

namespace parley::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

TEST(Numbers, OnlyDigitsCount) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "18446744073709551616"})
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Switches, CommonWordsInAnyCase) {
    for (const char* text : {"on", "ON", "true", "yes", "1"}) EXPECT_EQ(parse_switch(text), true) << text;
    for (const char* text : {"off", "False", "no", "0"}) EXPECT_EQ(parse_switch(text), false) << text;
    for (const char* text : {"", "of", "maybe", "2", " on"}) EXPECT_EQ(parse_switch(text), std::nullopt) << text;
}

TEST(Durations, AUnitOrThePlainNumbersOwn) {
    EXPECT_EQ(parse_duration("250ms", 1s), 250ms);
    EXPECT_EQ(parse_duration("30s", 1ms), 30s);
    EXPECT_EQ(parse_duration("15m", 1s), 15min);
    EXPECT_EQ(parse_duration("2h", 1s), 2h);
    EXPECT_EQ(parse_duration("15d", 1s), days(15));
    EXPECT_EQ(parse_duration("7", 1s), 7s);
    EXPECT_EQ(parse_duration("7", days(1)), days(7));
}

TEST(Durations, NoneOfThese) {
    for (const char* text : {"", "s", "-1s", "1.5s", "1 s", "1w", "1S", "1s1", "99999999999999999999s", "999999999d"}) {
        EXPECT_EQ(parse_duration(text, 1s), std::nullopt) << text;
    }
}

TEST(Durations, AreWrittenInTheLargestUnitThatFits) {
    EXPECT_EQ(duration_text(days(15)), "15d");
    EXPECT_EQ(duration_text(90min), "90m");
    EXPECT_EQ(duration_text(65s), "65s");
    EXPECT_EQ(duration_text(1500ms), "1500ms");
    EXPECT_EQ(duration_text(0ms), "0ms");
}

TEST(Sizes, PlainOrInPowersOf1024) {
    EXPECT_EQ(parse_bytes("102400"), 102400U);
    EXPECT_EQ(parse_bytes("100k"), 102400U);
    EXPECT_EQ(parse_bytes("1M"), 1048576U);
    EXPECT_EQ(parse_bytes("2G"), 2147483648U);
    for (const char* text : {"", "k", "1kb", "1 k", "-1k", "1.5M", "99999999999G"}) EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

TEST(Lists, ItemsAreTrimmedAndEmptyOnesLeftOut) {
    EXPECT_EQ(split_list(" a , b,,c "), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_TRUE(split_list(" , ").empty());
}

TEST(Origins, AsBrowsersSendThem) {
    EXPECT_EQ(parse_origin("http://localhost:3000"), "http://localhost:3000");
    EXPECT_EQ(parse_origin("HTTPS://Chat.Example/"), "https://chat.example");
    EXPECT_EQ(parse_origin("http://[::1]:5173"), "http://[::1]:5173");
    EXPECT_EQ(parse_origin("http://[::1]"), "http://[::1]");
    EXPECT_EQ(parse_origin("*"), "*");
    for (const char* text : {"", "localhost:3000", "http://", "http://a/b", "http://a:0", "http://a:65536", "http://a:b", "http://a b",
                             "http://[::g]", "://a"}) {
        EXPECT_EQ(parse_origin(text), std::nullopt) << text;
    }
}

TEST(Networks, AreWrittenInTheirOwnFamily) {
    for (const char* text : {"10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1"})
        EXPECT_EQ(network_text(net::Network::parse(text).value()), text);
}

TEST(EditDistance, CountsSingleChanges) {
    EXPECT_EQ(edit_distance("port", "port"), 0U);
    EXPECT_EQ(edit_distance("prot", "port"), 2U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

}  // namespace
}  // namespace parley::app
