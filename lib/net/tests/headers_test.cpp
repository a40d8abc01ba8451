#include <gtest/gtest.h>

#include "parley/net/http.hpp"

namespace parley::net {
namespace {

TEST(Headers, NamesCompareWithoutLetterCase) {
    Headers headers;
    headers.add("Content-Type", "text/plain");
    EXPECT_EQ(headers.find("content-TYPE"), "text/plain");
    EXPECT_EQ(headers.find("Content-Typ"), std::nullopt);
    EXPECT_EQ(headers.get("Missing"), "");
}

TEST(Headers, KeepOrderAndDuplicates) {
    Headers headers;
    headers.add("A", "1");
    headers.add("B", "2");
    headers.add("a", "3");
    ASSERT_EQ(headers.size(), 3u);
    EXPECT_EQ(headers[2].name, "a");
    EXPECT_EQ(headers[2].value, "3");
    EXPECT_EQ(headers.count("A"), 2u);
    EXPECT_EQ(headers.get("A"), "1");
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
    Headers headers;
    headers.add("A", "1");
    headers.add("B", "2");
    headers.add("a", "3");
    headers.set("A", "4");
    EXPECT_EQ(headers.count("A"), 1u);
    EXPECT_EQ(headers.get("a"), "4");
    EXPECT_EQ(headers.get("B"), "2");
    headers.set("C", "5");
    EXPECT_EQ(headers.get("C"), "5");
}

TEST(Headers, ListsFindTokensInEveryFieldOfTheName) {
    Headers headers;
    headers.add("Connection", "keep-alive ,\tUpgrade");
    headers.add("connection", "x");
    EXPECT_TRUE(headers.lists("Connection", "upgrade"));
    EXPECT_TRUE(headers.lists("Connection", "X"));
    EXPECT_FALSE(headers.lists("Connection", "keep"));
    EXPECT_FALSE(headers.lists("Upgrade", "websocket"));
}

TEST(Headers, ValuesWithLineBreaksAreNotValid) {
    EXPECT_TRUE(is_valid_field_value("a\tb \xc3\xa9"));
    EXPECT_TRUE(is_valid_field_value(""));
    for (const char c : {'\r', '\n', '\0'}) EXPECT_FALSE(is_valid_field_value(std::string("a") + c));
}

TEST(RequestHead, SplitsItsTarget) {
    RequestHead head;
    head.target = "/a/b?x=1?y";
    EXPECT_EQ(head.path(), "/a/b");
    EXPECT_EQ(head.query(), "x=1?y");
    head.target = "/a";
    EXPECT_EQ(head.path(), "/a");
    EXPECT_EQ(head.query(), "");
}

}  // namespace
}  // namespace parley::net
