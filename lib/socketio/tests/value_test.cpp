#include "parley/socketio/value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "parley/socketio/arguments.hpp"

namespace parley::socketio {
namespace {

std::string round_trip(std::string_view json) {
    const auto value = parse_json(json);
    return value ? to_json(*value) : "refused: " + value.error().message;
}

bool refused(std::string_view json) {
    return !parse_json(json).has_value();
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Value, AsksAndAnswersByType) {
    const Value value =
        Object{{"text", "hi"}, {"likes", 3}, {"share", 0.5}, {"seen", true}, {"by", Array{"ann", nullptr}}, {"raw", Bytes{"\x01"}}};
    EXPECT_TRUE(value.is_object());
    EXPECT_EQ(value["text"].as_string(), "hi");
    EXPECT_EQ(value["likes"].as_integer(), 3);
    EXPECT_EQ(value["likes"].as_number(), 3.0);
    EXPECT_EQ(value["share"].as_number(), 0.5);
    EXPECT_TRUE(value["seen"].as_bool());
    EXPECT_EQ(value["by"].size(), 2u);
    EXPECT_EQ(value["by"][0].as_string(), "ann");
    EXPECT_TRUE(value["by"][1].is_null());
    EXPECT_EQ(value["raw"].as_bytes(), "\x01");
    EXPECT_EQ(value.find("nobody"), nullptr);
    EXPECT_TRUE(value["no"]["such"][std::size_t{7}].is_null());
    EXPECT_THROW((void)value["likes"].as_string(), std::bad_variant_access);
}

TEST(Value, UnsignedBeyond63BitsIsADouble) {
    EXPECT_TRUE(Value(std::uint64_t{1} << 62).is_integer());
    EXPECT_EQ(to_json(Value(std::numeric_limits<std::uint64_t>::max())), "18446744073709552000");
}

TEST(JsonWriter, NumbersLookAsInJavaScript) {
    const std::vector<std::pair<double, std::string>> expected = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {123456789012345680.0, "123456789012345680"},
        {0.000001, "0.000001"},
        {0.0000001, "1e-7"},
        {1.25e-7, "1.25e-7"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {std::nan(""), "null"},
        {std::numeric_limits<double>::infinity(), "null"},
    };
    for (const auto& [number, text] : expected) EXPECT_EQ(to_json(Value(number)), text);
    EXPECT_EQ(to_json(Value(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
}

TEST(JsonWriter, StringsAreEscapedAsInJavaScript) {
    EXPECT_EQ(to_json("a\"b\\c\n\t\b\f\r\x01\x1f/é\x7f"), "\"a\\\"b\\\\c\\n\\t\\b\\f\\r\\u0001\\u001f/é\x7f\"");
    EXPECT_EQ(to_json(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(JsonWriter, WhatNeedsAnEscapeIsFoundWhereverItStands) {
    for (const std::string_view special : {"\"", "\\", "\n", "\x1f"}) {
        const std::string escape = to_json(special).substr(1, to_json(special).size() - 2);
        for (std::size_t before = 0; before < 20; ++before) {
            for (const std::size_t after : {0, 1, 7, 8, 9, 30}) {
                const std::string head(before, '\x7f');
                const std::string tail(after, ' ');
                const std::string json = '"' + head + escape + tail + escape + '"';
                EXPECT_EQ(to_json(head + std::string(special) + tail + std::string(special)), json);
                EXPECT_EQ(round_trip(json), json);
                EXPECT_EQ(refused('"' + head + std::string(special) + tail + '"'), true) << json;
            }
        }
    }
}

TEST(JsonWriter, BytesThatAreNotUtf8AreReplaced) {
    EXPECT_EQ(to_json("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
    EXPECT_EQ(to_json("é\xC3"), "\"é\xEF\xBF\xBD\"");
    EXPECT_EQ(to_json("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, ContainersKeepTheirOrder) {
    EXPECT_EQ(to_json(Object{{"b", 1}, {"a", Array{}}, {"c", Object{}}}), R"({"b":1,"a":[],"c":{}})");
    EXPECT_EQ(to_json(Array{1, nullptr, false, "x"}), R"([1,null,false,"x"])");
    EXPECT_EQ(to_json(Array{Bytes{"x"}}), "[null]");
}

TEST(JsonReader, WhatItReadsItWritesAgain) {
    for (const std::string_view json : {"null", "true", "false", "0", "-17", "9223372036854775807", "0.1", "1e+21", R"("")", R"("é\n\"")",
                                        "[]", "{}", R"([1,[2,{"a":[]}],"x"])", R"({"b":{"a":1},"a":{"a":2}})", "0.30000000000000004",
                                        "5e-324", "1.7976931348623157e+308", "9007199254740993"}) {
        EXPECT_EQ(round_trip(json), json);
    }
}

TEST(JsonReader, UnescapesStringsOfAnyLength) {
    EXPECT_EQ(parse_json(R"("\u00e9\ud83d\ude00\/\u0000")")->as_string(), std::string("é😀/\0", 8));
    const std::string big(100'000, 'x');
    EXPECT_EQ(parse_json("\"\\n" + big + "\"")->as_string(), "\n" + big);
    EXPECT_EQ((*parse_json("{\"\\n" + big + "\":1}"))["\n" + big].as_integer(), 1);
}

TEST(JsonReader, IntegersBeyond64BitsBecomeDoubles) {
    EXPECT_EQ(round_trip("9223372036854775808"), "9223372036854776000");
    EXPECT_EQ(round_trip("-9223372036854775809"), "-9223372036854776000");
    EXPECT_EQ(round_trip("123456789012345678901234567890"), "1.2345678901234568e+29");
}

TEST(JsonReader, ANumberThatNoDoubleHoldsIsRefused) {
    EXPECT_TRUE(refused("1e309"));
    EXPECT_TRUE(refused("-1e400"));
    EXPECT_TRUE(refused("1e99999999999"));
    EXPECT_TRUE(refused("1" + std::string(400, '0')));
    EXPECT_TRUE(refused("[1" + std::string(400, '0') + ".5]"));
    EXPECT_EQ(round_trip("1e-400"), "0");
    EXPECT_EQ(round_trip("1e-99999999999999999999"), "0");
    EXPECT_EQ(round_trip("0e999"), "0");
    EXPECT_EQ(round_trip("0." + std::string(400, '0') + "1e402"), "10");
    EXPECT_EQ(round_trip("1" + std::string(400, '0') + "e-400"), "1");
}

TEST(JsonReader, DepthIsLimitedTo32) {
    EXPECT_FALSE(refused(nested(32)));
    EXPECT_TRUE(refused(nested(33)));
    EXPECT_TRUE(refused(std::string(1'000'000, '[')));
}

TEST(JsonReader, ANameTwiceInOneObjectIsRefused) {
    EXPECT_TRUE(refused(R"({"a":1,"a":2})"));
    EXPECT_TRUE(refused(R"({"a":1,"\u0061":2})"));
    EXPECT_TRUE(refused(R"([{"x":{"a":1,"b":2,"a":3}}])"));
    EXPECT_TRUE(refused(R"({"b":{"z":1},"a":{},"b":1})"));
    EXPECT_TRUE(refused(R"({"":1,"":1})"));
    EXPECT_TRUE(refused(R"({"\u0061":1,"a":2})"));
    EXPECT_TRUE(refused(R"({"a\n":1,"b":{"a\n":1},"a\u000a":2})"));
    std::string many = "{";
    for (int i = 0; i < 100; ++i) many += "\"name" + std::to_string(i) + "\":" + (i % 2 == 0 ? "1," : "{\"name1\":{},\"name2\":{}},");
    EXPECT_FALSE(refused(many + "\"other\":1}"));
    EXPECT_TRUE(refused(many + "\"name57\":1}"));
    EXPECT_FALSE(refused(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}],"ab":{}})"));
}

TEST(JsonReader, InvalidUtf8IsRefused) {
    EXPECT_TRUE(refused("\"\xFF\""));
    EXPECT_TRUE(refused("\"\xC0\x80\""));
    EXPECT_TRUE(refused("\"\xED\xA0\x80\""));
    EXPECT_TRUE(refused("{\"\xC3\":1}"));
}

TEST(JsonReader, HalfASurrogatePairBecomesAReplacementCharacter) {
    EXPECT_EQ(parse_json(R"("a\ud83d")")->as_string(), "a\xEF\xBF\xBD");
    EXPECT_EQ(parse_json(R"("\ude00z")")->as_string(), "\xEF\xBF\xBDz");
    EXPECT_EQ(parse_json(R"("\ud83d\ud83d\ude00\\ud83d")")->as_string(), "\xEF\xBF\xBD😀\\ud83d");
    EXPECT_TRUE(refused(R"("\ud83d)"));
}

TEST(JsonReader, WhatIsNotJsonIsRefused) {
    for (const std::string_view text :
         {"",      " ",    "nul",    "01",     "+1",      "1.",  ".5",       "1e",      "'a'", "[1,]", "{\"a\":1,}", "{a:1}",
          "[1 2]", "[1]x", "[1][2]", "\"\n\"", "\"\\x\"", "NaN", "Infinity", "// c\n1", "[",   "\"",   "{\"a\"",     "\xEF\xBB\xBF[]"}) {
        EXPECT_TRUE(refused(text)) << text;
    }
    EXPECT_EQ(round_trip(" [ 1 , 2 ] \n"), "[1,2]");
}

TEST(Arguments, AreMadeOfWhatIsGiven) {
    EXPECT_EQ(Arguments().size(), 0u);
    EXPECT_EQ(Arguments("hi").json(), R"("hi")");
    EXPECT_EQ(Arguments({"hi", 2, Object{{"a", 1}}}).json(), R"("hi",2,{"a":1})");
    EXPECT_EQ(Arguments(Array{1, 2}).json(), "[1,2]") << "an array is one argument";
    EXPECT_EQ(Arguments::list({1, 2}).json(), "1,2");
}

TEST(Arguments, StayTextUntilLookedAt) {
    const Arguments raw = Arguments::from_json(R"( "a" , {"b":1e1} )");
    EXPECT_EQ(raw.json(), R"( "a" , {"b":1e1} )");
    const Arguments copy = raw;
    ASSERT_EQ(copy.size(), 2u);
    EXPECT_EQ(copy[1]["b"].as_number(), 10.0);
    EXPECT_TRUE(copy[2].is_null());
    EXPECT_EQ(copy.json(), R"("a",{"b":10})");
    EXPECT_TRUE(raw.is_raw());
    EXPECT_EQ(raw, copy);
}

TEST(Arguments, TextThatIsNoJsonIsAnEmptyList) {
    EXPECT_TRUE(Arguments::from_json("1] , [2").empty());
    EXPECT_TRUE(Arguments::from_json("\"a").empty());
    for (const char* none : {" ", "1]", "[1", ",", "1,", ",1", "1 2"}) EXPECT_TRUE(Arguments::from_json(none).empty()) << none;
    EXPECT_FALSE(Arguments::from_json(nested(31)).empty());
    EXPECT_TRUE(Arguments::from_json(nested(32)).empty()) << "the list itself is a level";
}

}  // namespace
}  // namespace parley::socketio
