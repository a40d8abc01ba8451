#include "api/guard.hpp"

#include "api_fixture.hpp"

namespace parley::api {
namespace {

using Guard = ApiTest;

TEST(AddressKey, Ipv6CountsBySixtyFour) {
    const auto key = [](const char* text) { return address_key(*net::IpAddress::parse(text)); };
    EXPECT_EQ(key("192.0.2.1"), "192.0.2.1");
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
    EXPECT_EQ(key("2001:db8::1"), key("2001:db8::ffff:1"));
    EXPECT_NE(key("2001:db8::1"), key("2001:db8:0:1::1"));
    EXPECT_EQ(key("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST_F(Guard, AForeignPageChangesNothing) {
    const Person alice = join("alice");
    for (const char* origin : {"http://evil.example", "null", "https://localhost:5000x"}) {
        const Answer answer = post("/api/messages/send/" + alice.id, R"({"message":"x"})", alice.token, {{"Origin", origin}});
        EXPECT_EQ(answer.status, 403U) << origin;
        EXPECT_TRUE(answer.body.starts_with(R"({"error":")"));
    }
    EXPECT_EQ(post("/api/auth/logout", "", alice.token, {{"Sec-Fetch-Site", "cross-site"}}).status, 403U);
    EXPECT_EQ(post("/api/nothing", "", "", {{"Origin", "http://evil.example"}}).status, 403U);
    EXPECT_EQ(get("/api/users", alice.token).status, 200U);
}

TEST_F(Guard, OwnAndAllowedPagesPass) {
    const Person alice = join("alice");
    for (const char* origin : {"http://localhost:5000", "http://localhost:3000"}) {
        EXPECT_EQ(post("/api/messages/send/" + alice.id, R"({"message":"x"})", alice.token, {{"Origin", origin}}).status, 201U) << origin;
    }
    EXPECT_EQ(post("/api/messages/send/" + alice.id, R"({"message":"x"})", alice.token, {{"Sec-Fetch-Site", "same-origin"}}).status, 201U);
    // Reading is the browser's to refuse.
    EXPECT_EQ(get("/api/users", alice.token, {{"Origin", "http://evil.example"}}).status, 200U);
}

TEST_F(Guard, APageThatShowsAnotherAccountDoesNothing) {
    const Person alice = join("alice");
    const Person bob = join("bob");
    const auto send = [&](std::string expected) {
        return post("/api/messages/send/" + bob.id, R"({"message":"x"})", alice.token, {{"X-Expected-User", std::move(expected)}});
    };
    for (const std::string& expected : {bob.id, std::string("nobody"), alice.id + "0"}) {
        const Answer answer = send(expected);
        EXPECT_EQ(answer.status, 412U) << expected;
        EXPECT_EQ(answer.body, R"({"error":"Signed in as somebody else"})");
    }
    EXPECT_EQ(get("/api/messages/" + bob.id, alice.token, {{"X-Expected-User", bob.id}}).status, 412U);
    EXPECT_EQ(get("/api/messages/" + bob.id, alice.token).body, "[]");
    EXPECT_EQ(send(alice.id).status, 201U);
    EXPECT_EQ(send("").status, 201U);
    EXPECT_EQ(get("/api/users", "", {{"X-Expected-User", alice.id}}).status, 401U);
    EXPECT_EQ(post("/api/auth/logout", "", alice.token, {{"X-Expected-User", bob.id}}).status, 412U);
    EXPECT_EQ(get("/api/users", alice.token).status, 200U);
    EXPECT_EQ(post("/api/auth/logout", "", alice.token, {{"X-Expected-User", alice.id}}).status, 200U);
    EXPECT_EQ(post("/api/auth/logout", "", alice.token, {{"X-Expected-User", bob.id}}).status, 200U);  // the login has ended already
}

TEST_F(Guard, WhatNobodyServesIsNotFoundInJson) {
    for (const char* path :
         {"/api", "/api/", "/api/nothing", "/api/auth/login", "/api/messages", "/api/messages/a/b", "/api/%75sers", "/api/users//"}) {
        const Answer answer = get(path);
        EXPECT_EQ(answer.status, 404U) << path;
        EXPECT_EQ(answer.body, R"({"error":"Not found"})") << path;
    }
    EXPECT_EQ(post("/api/users", "{}").status, 404U);
    EXPECT_EQ(ask(request(net::Method::Delete, "DELETE", "/api/users", "", {})).status, 404U);
    EXPECT_EQ(ask(request(net::Method::Trace, "TRACE", "/api/users", "", {})).status, 404U);
}

TEST_F(Guard, OptionsNamesTheMethods) {
    const Answer options = ask(request(net::Method::Options, "OPTIONS", "/api/users", "", {}));
    EXPECT_EQ(options.status, 204U);
    EXPECT_EQ(options.headers.get("Allow"), "GET, HEAD");
    EXPECT_EQ(ask(request(net::Method::Options, "OPTIONS", "/api/nothing", "", {})).status, 404U);
}

TEST_F(Guard, OnlyItsOwnPathsAreServed) {
    const auto serves = [&](const char* target) { return api->serves(request(net::Method::Get, "GET", target, "", {})); };
    for (const char* target : {"/api", "/API/users", "/api/?x", "/health/live", "/health/ready?x"}) EXPECT_TRUE(serves(target)) << target;
    for (const char* target : {"/", "/apis", "//api/users", "/health", "/health/live/x", "/socket.io/"})
        EXPECT_FALSE(serves(target)) << target;
}

TEST_F(Guard, HealthIsToldInJson) {
    EXPECT_EQ(get("/health/live").body, R"({"status":"live"})");
    EXPECT_EQ(get("/health/ready").body, R"({"status":"ready"})");
}

}  // namespace
}  // namespace parley::api
