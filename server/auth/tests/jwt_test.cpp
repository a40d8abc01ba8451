#include "auth/jwt.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "parley/base/encoding.hpp"

namespace parley::auth::jwt {
namespace {

constexpr std::string_view kSecret = "a-secret-for-tests";
constexpr Seconds kNow{std::chrono::seconds(1'700'000'000)};

std::string mac(const EVP_MD* hash, const std::string& text, std::string_view secret) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(hash, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes,
         &length);
    return base64url_encode({reinterpret_cast<const char*>(bytes), length});
}

std::string forge(std::string_view header, std::string_view payload, const EVP_MD* hash = EVP_sha256(), std::string_view secret = kSecret) {
    const std::string text = base64url_encode(header) + "." + base64url_encode(payload);
    return text + "." + mac(hash, text, secret);
}

constexpr std::string_view kHs256 = R"({"alg":"HS256","typ":"JWT"})";

bool is_refused(const std::string& token) {
    const auto claims = verify(token, kSecret, kNow);
    return !claims && claims.error().code == ErrorCode::Unauthenticated;
}

TEST(Jwt, WhatIsSignedIsReadBack) {
    const Claims claims{"0123456789abcdef01234567", "session", kNow, kNow + std::chrono::hours(1)};
    const auto read = verify(sign(claims, kSecret), kSecret, kNow);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, claims);
}

// The example of jwt.io.
TEST(Jwt, AKnownVectorIsAccepted) {
    const std::string token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
    const auto claims = verify(token, "your-256-bit-secret", kNow);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->user_id, "");
    EXPECT_EQ(claims->issued_at, Seconds(std::chrono::seconds(1516239022)));
}

TEST(Jwt, ClaimsStandInTheOrderOfTheOriginal) {
    const std::string token = sign({"u", "s", kNow, kNow + std::chrono::seconds(5)}, kSecret);
    const auto first = token.find('.');
    const auto payload = base64url_decode(token.substr(first + 1, token.rfind('.') - first - 1));
    EXPECT_EQ(payload, R"({"userId":"u","iat":1700000000,"exp":1700000005,"sid":"s"})");
}

TEST(Jwt, ATokenOfTheOriginalHasNoSession) {
    const auto claims = verify(forge(kHs256, R"({"userId":"u","iat":1699999999,"exp":1700000001})"), kSecret, kNow);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->session, "");
    EXPECT_EQ(claims->user_id, "u");
}

TEST(Jwt, ATokenWithoutAnEndIsAccepted) {
    const auto claims = verify(forge(kHs256, R"({"userId":"u","iat":1699999999})"), kSecret, kNow);
    ASSERT_TRUE(claims.has_value());
    EXPECT_FALSE(claims->expires_at);
}

TEST(Jwt, EveryOtherSecretIsRefused) {
    EXPECT_TRUE(is_refused(forge(kHs256, R"({"userId":"u"})", EVP_sha256(), "another")));
    EXPECT_TRUE(is_refused(forge(kHs256, R"({"userId":"u"})", EVP_sha256(), "")));
}

TEST(Jwt, EveryOtherAlgorithmIsRefused) {
    const std::string none = base64url_encode(R"({"alg":"none"})") + "." + base64url_encode(R"({"userId":"u"})") + ".";
    EXPECT_TRUE(is_refused(none));
    // Another name over an HS256 signature.
    EXPECT_TRUE(is_refused(forge(R"({"alg":"none"})", R"({"userId":"u"})")));
    EXPECT_TRUE(is_refused(forge(R"({"alg":"hs256"})", R"({"userId":"u"})")));
    EXPECT_TRUE(is_refused(forge(R"({"typ":"JWT"})", R"({"userId":"u"})")));
    EXPECT_TRUE(is_refused(forge(R"({"alg":"HS256"})", R"({"userId":"u"})", EVP_sha512())));
}

TEST(Jwt, AnotherHmacIsRefusedByName) {
    const auto claims = verify(forge(R"({"alg":"HS512"})", R"({"userId":"u"})", EVP_sha512()), kSecret, kNow);
    ASSERT_FALSE(claims.has_value());
    EXPECT_EQ(claims.error().message, kOtherAlgorithm);
}

TEST(Jwt, ExpiryIsTheFirstSecondOfRefusal) {
    EXPECT_TRUE(is_refused(forge(kHs256, R"({"userId":"u","exp":1700000000})")));
    EXPECT_FALSE(is_refused(forge(kHs256, R"({"userId":"u","exp":1700000001})")));
}

TEST(Jwt, NotBeforeIsTheFirstSecondOfAcceptance) {
    EXPECT_TRUE(is_refused(forge(kHs256, R"({"userId":"u","nbf":1700000001})")));
    EXPECT_FALSE(is_refused(forge(kHs256, R"({"userId":"u","nbf":1700000000})")));
}

TEST(Jwt, DatesThatAreNoNumbersAreRefused) {
    EXPECT_TRUE(is_refused(forge(kHs256, R"({"userId":"u","exp":"1800000000"})")));
    EXPECT_TRUE(is_refused(forge(kHs256, R"({"userId":"u","nbf":null})")));
    EXPECT_FALSE(is_refused(forge(kHs256, R"({"userId":"u","exp":1e300})")));
}

TEST(Jwt, WhatIsNoTokenIsRefused) {
    const std::string good = forge(kHs256, R"({"userId":"u"})");
    ASSERT_FALSE(is_refused(good));
    for (const std::string& token : {std::string(), std::string("."), std::string(".."), std::string("garbage"), std::string("a.b.c"),
                                     good + "x", good + "=", good + ".", "." + good, good.substr(0, good.size() - 1), "s:" + good,
                                     good + " ", std::string("j:{\"userId\":\"x\"}"), good + std::string(kMaxTokenBytes, 'x')}) {
        EXPECT_TRUE(is_refused(token)) << token.substr(0, 100);
    }
}

TEST(Jwt, SignedNonsenseIsRefused) {
    EXPECT_TRUE(is_refused(forge(kHs256, "[]")));
    EXPECT_TRUE(is_refused(forge(kHs256, "{")));
    EXPECT_TRUE(is_refused(forge(kHs256, std::string(2000, '['))));
    EXPECT_TRUE(is_refused(forge("nonsense", R"({"userId":"u"})")));
}

TEST(Jwt, AUserIdThatIsNoTextIsNone) {
    const auto claims = verify(forge(kHs256, R"({"userId":{"$gt":""}})"), kSecret, kNow);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->user_id, "");
}

}  // namespace
}  // namespace parley::auth::jwt
