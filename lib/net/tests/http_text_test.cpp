// Reason phrases, queries, percent-encoding, cookies, dates.
#include <gtest/gtest.h>

#include "parley/net/http.hpp"

namespace parley::net {
namespace {

TEST(ReasonPhrase, KnowsTheStatusesInUse) {
    EXPECT_EQ(reason_phrase(404), "Not Found");
    EXPECT_EQ(reason_phrase(299), "Unknown");
}

TEST(Query, FirstValueWins) {
    EXPECT_EQ(query_parameter("a=1&b=2&a=3", "a"), "1");
    EXPECT_EQ(query_parameter("a=1&b=2&a=3", "b"), "2");
    EXPECT_EQ(query_parameter("a=1", "c"), std::nullopt);
    EXPECT_EQ(query_parameter("", "a"), std::nullopt);
}

TEST(Query, DecodesNamesAndValues) {
    EXPECT_EQ(query_parameter("n%61me=a+b%20c%C3%A9", "name"), "a b c\xc3\xa9");
    EXPECT_EQ(query_parameter("flag&x=", "flag"), "");
    EXPECT_EQ(query_parameter("x=a=b", "x"), "a=b");
}

TEST(Query, BrokenEscapeStaysAsItIs) {
    EXPECT_EQ(query_parameter("x=%", "x"), "%");
    EXPECT_EQ(query_parameter("x=%4", "x"), "%4");
    EXPECT_EQ(query_parameter("x=%zz%41", "x"), "%zzA");
}

TEST(Query, ParsesIntoPairsInOrder) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(parse_query("b=1&&a=%26&c"), (Pairs{{"b", "1"}, {"a", "&"}, {"c", ""}}));
    EXPECT_EQ(parse_query(""), Pairs{});
}

TEST(PercentDecode, RefusesBrokenEscapesAndWhatIsNotUtf8) {
    EXPECT_EQ(percent_decode("/a%2Fb%20c+%C3%A9"), "/a/b c+\xc3\xa9");
    for (const char* text : {"%", "%4", "a%4", "%zz", "%C3", "%FF", "%C0%AF", "%ED%A0%80"})
        EXPECT_EQ(percent_decode(text), std::nullopt) << text;
    EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(PercentEncode, LeavesUnreservedCharactersAlone) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a b/\xc3\xa9%"), "a%20b%2F%C3%A9%25");
}

TEST(Cookie, IsFoundByItsExactName) {
    EXPECT_EQ(cookie("a=1; jwt=x.y.z; b=2", "jwt"), "x.y.z");
    EXPECT_EQ(cookie("xjwt=1;jwt=2;jwt=3", "jwt"), "2");
    EXPECT_EQ(cookie("JWT=1", "jwt"), std::nullopt);
    EXPECT_EQ(cookie("jwt", "jwt"), std::nullopt);
    EXPECT_EQ(cookie("", "jwt"), std::nullopt);
    EXPECT_EQ(cookie("jwt=", "jwt"), "");
}

TEST(Cookie, QuotesAndEscapesAreTakenOffWherePossible) {
    EXPECT_EQ(cookie("a=\"q v\"", "a"), "q v");
    EXPECT_EQ(cookie("a=%7B1%7D", "a"), "{1}");
    EXPECT_EQ(cookie("a=100%", "a"), "100%");
    EXPECT_EQ(cookie("a=\"", "a"), "\"");
    EXPECT_EQ(cookie(" a = b=c ", "a"), "b=c");
}

TEST(HttpDate, IsWrittenAsFixdate) {
    EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(1709164799), "Wed, 28 Feb 2024 23:59:59 GMT");
}

TEST(HttpDate, IsReadInAllThreeFormats) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), 784111777);
    EXPECT_EQ(parse_http_date("Wed Feb 28 23:59:59 2024"), 1709164799);
}

TEST(HttpDate, RefusesWhatIsNone) {
    for (const char* text :
         {"", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 2024 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun Nov", "Sun,"}) {
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace parley::net
