#include "auth/bcrypt_hasher.hpp"

#include <gtest/gtest.h>

#include "storage/contract/run.hpp"

namespace parley::auth {
namespace {

using namespace std::string_literals;

class BcryptHasherTest : public testing::Test {
protected:
    std::string hash(std::string password) { return runner.run(hasher.hash(std::move(password))).value(); }
    bool verify(std::string password, std::string stored) {
        return runner.run(hasher.verify(std::move(password), std::move(stored))).value();
    }

    storage::contract::Runner runner{1};
    BcryptHasher hasher{{.cost = 4, .threads = 1, .max_waiting = 16}};
};

TEST_F(BcryptHasherTest, ThePasswordFitsItsHashAndNoOtherDoes) {
    const std::string stored = hash("secret1");
    EXPECT_TRUE(verify("secret1", stored));
    EXPECT_FALSE(verify("secret2", stored));
    EXPECT_FALSE(verify("", stored));
}

TEST_F(BcryptHasherTest, AHashIsOfTheKindAndCostAsked) {
    const std::string stored = hash("secret1");
    EXPECT_EQ(stored.size(), 60U);
    EXPECT_TRUE(stored.starts_with("$2b$04$"));
    EXPECT_NE(stored, hash("secret1"));
}

TEST_F(BcryptHasherTest, HashesOfJavaScriptLibrariesVerify) {
    // A vector that the test suites of bcrypt implementations share.
    EXPECT_TRUE(verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    EXPECT_TRUE(verify("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    EXPECT_FALSE(verify("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST_F(BcryptHasherTest, SeventyTwoBytesCount) {
    const std::string stored = hash(std::string(72, 'p') + "ABCDEFGH");
    EXPECT_TRUE(verify(std::string(72, 'p') + "ABCDEFGH", stored));
    EXPECT_TRUE(verify(std::string(72, 'p'), stored));
    EXPECT_FALSE(verify(std::string(71, 'p'), stored));
    EXPECT_TRUE(verify(std::string(100'000, 'p'), stored));
}

TEST_F(BcryptHasherTest, APasswordWithANulHasNoHashAndFitsNone) {
    const auto refused = runner.run(hasher.hash("secret\0one"s));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_FALSE(verify("secret\0one"s, hash("secret")));
}

TEST_F(BcryptHasherTest, EveryByteOfAPasswordCounts) {
    const std::string stored = hash("пароль🔑");
    EXPECT_TRUE(verify("пароль🔑", stored));
    EXPECT_FALSE(verify("пароль", stored));
}

TEST_F(BcryptHasherTest, WhatIsNoHashFitsNothing) {
    const std::string good = hash("x");
    for (const std::string& stored : {""s, "*0"s, "plain"s, good + "x", good.substr(0, 59), "$2b$31$"s + good.substr(7),
                                      "$2b$xx$"s + good.substr(7), "$1$"s + good.substr(3), "$2y$"s + good.substr(4)}) {
        EXPECT_FALSE(verify("x", stored)) << stored;
    }
}

TEST_F(BcryptHasherTest, NothingVerifiesAgainstNothing) {
    EXPECT_EQ(runner.run(hasher.verify_nothing("secret1")), false);
}

TEST_F(BcryptHasherTest, TooManyAtOnceAreRefused) {
    BcryptHasher small({.cost = 10, .threads = 1, .max_waiting = 1});
    std::vector<Task<Result<std::string>>> tasks;
    for (int i = 0; i < 8; ++i) tasks.push_back(small.hash("secret1"));
    int hashed = 0;
    int busy = 0;
    for (const auto& result : runner.run_all(std::move(tasks))) {
        hashed += result.has_value();
        busy += !result && result.error().code == ErrorCode::Unavailable;
    }
    EXPECT_EQ(hashed + busy, 8);
    EXPECT_GE(hashed, 1);
    EXPECT_GE(busy, 1);
}

}  // namespace
}  // namespace parley::auth
