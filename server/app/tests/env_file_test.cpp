#include "app/env_file.hpp"

#include <gtest/gtest.h>

namespace parley::app {
namespace {

// The value of A in a file.
std::string a(std::string_view text) {
    const Variables variables = parse_env_file(text);
    const auto found = variables.find("A");
    return found == variables.end() ? "<none>" : found->second;
}

TEST(EnvFile, AFileOfTheOriginalBackend) {
    const Variables variables =
        parse_env_file("PORT=5000\nMONGO_DB_URI=mongodb+srv://u:p@c.example/db?w=1&x=y\n\nJWT_SECRET=\"a b\"\nNODE_ENV=development");
    EXPECT_EQ(variables, (Variables{{"JWT_SECRET", "a b"},
                                    {"MONGO_DB_URI", "mongodb+srv://u:p@c.example/db?w=1&x=y"},
                                    {"NODE_ENV", "development"},
                                    {"PORT", "5000"}}));
}

TEST(EnvFile, SpacesAroundNameAndValueGo) {
    EXPECT_EQ(a("  A = x y  \n"), "x y");
    EXPECT_EQ(a("\n\n\tA=x"), "x");
    EXPECT_EQ(a("A=' x '"), " x ");
}

TEST(EnvFile, ExportInFront) {
    EXPECT_EQ(a("export A=x"), "x");
    EXPECT_EQ(parse_env_file("export=x"), (Variables{{"export", "x"}}));
}

TEST(EnvFile, AColonSeparatesToo) {
    EXPECT_EQ(a("A: x"), "x");
    EXPECT_EQ(a("A:x"), "<none>");
}

TEST(EnvFile, CommentsEndAnUnquotedValue) {
    EXPECT_EQ(a("# A=no\nA=x # rest"), "x");
    EXPECT_EQ(a("A=x#y"), "x");
    EXPECT_EQ(a("A=\"x#y\" # rest"), "x#y");
    EXPECT_EQ(a("A=#"), "");
}

TEST(EnvFile, EmptyValues) {
    EXPECT_EQ(parse_env_file("A=\nB=''\nC=\"\"\nD=x"), (Variables{{"A", ""}, {"B", ""}, {"C", ""}, {"D", "x"}}));
}

TEST(EnvFile, QuotesOfThreeKinds) {
    EXPECT_EQ(a("A='it \"is\"'"), "it \"is\"");
    EXPECT_EQ(a("A=\"it's\""), "it's");
    EXPECT_EQ(a("A=`it's \"x\"`"), "it's \"x\"");
    EXPECT_EQ(a("A='x"), "'x");
    EXPECT_EQ(a("A=\"x\"y"), "\"x\"y");
}

TEST(EnvFile, OnlyDoubleQuotesExpandLineFeeds) {
    EXPECT_EQ(a("A=\"x\\ny\""), "x\ny");
    EXPECT_EQ(a("A='x\\ny'"), "x\\ny");
    EXPECT_EQ(a("A=x\\ny"), "x\\ny");
}

TEST(EnvFile, AQuotedValueSpansLines) {
    EXPECT_EQ(parse_env_file("A=\"one\r\ntwo\"\r\nB=x"), (Variables{{"A", "one\ntwo"}, {"B", "x"}}));
}

TEST(EnvFile, TheLastOfTwoWins) {
    EXPECT_EQ(a("A=x\nA=y"), "y");
}

TEST(EnvFile, WhatIsNoSettingIsSkipped) {
    EXPECT_EQ(parse_env_file("nonsense\n=x\n?!\nA B=x\nA=x\n"), (Variables{{"A", "x"}}));
    EXPECT_TRUE(parse_env_file("").empty());
    EXPECT_EQ(a("\xef\xbb\xbf"
                "A=x"),
              "x");
}

}  // namespace
}  // namespace parley::app
