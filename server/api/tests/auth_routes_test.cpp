#include "api_fixture.hpp"

namespace parley::api {
namespace {

using AuthRoutes = ApiTest;
using LimitedAuthRoutes = LimitedApiTest;
using CompatibleAuthRoutes = CompatibleApiTest;

TEST_F(AuthRoutes, SigningUpAnswersFourFieldsAndACookie) {
    const Answer answer = post("/api/auth/signup", sign_up_json("alice"));
    EXPECT_EQ(answer.status, 201U);
    const std::string id = answer.body.substr(8, 24);
    EXPECT_EQ(answer.body,
              R"({"_id":")" + id + R"(","fullName":"Full alice","username":"alice","profilePic":"/api/avatars/)" + id + R"(.svg"})");
    const std::string_view cookie = answer.headers.get("Set-Cookie");
    EXPECT_TRUE(cookie.find("; Max-Age=1296000; Path=/; Expires=") != std::string_view::npos) << cookie;
    EXPECT_TRUE(cookie.ends_with(" GMT; HttpOnly; SameSite=Strict")) << cookie;
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/json; charset=utf-8");
}

TEST_F(AuthRoutes, ARefusedSignUpHasNoCookie) {
    join("alice");
    const Answer taken = post("/api/auth/signup", sign_up_json("alice"));
    EXPECT_EQ(taken.status, 400U);
    EXPECT_EQ(taken.body, R"({"error":"Username already exists"})");
    EXPECT_FALSE(taken.headers.find("Set-Cookie"));
    EXPECT_EQ(post("/api/auth/signup", "").body, R"({"error":"Password is required"})");
}

TEST_F(AuthRoutes, LoggingInTakesTheRightPasswordOnly) {
    const Person alice = join("alice");
    const Answer in = post("/api/auth/login", R"({"username":"alice","password":"secret1"})");
    EXPECT_EQ(in.status, 200U);
    EXPECT_NE(token_of(in), alice.token);
    for (const char* json : {R"({"username":"alice","password":"wrong"})", R"({"username":"nobody","password":"secret1"})",
                             R"({"username":{"$gt":""},"password":"secret1"})", "[]", ""}) {
        const Answer answer = post("/api/auth/login", json);
        EXPECT_EQ(answer.status, 400U) << json;
        EXPECT_EQ(answer.body, R"({"error":"Invalid username or password"})") << json;
        EXPECT_FALSE(answer.headers.find("Set-Cookie"));
    }
}

TEST_F(AuthRoutes, TheCookieIsSecureOnlyBehindHttps) {
    join("alice");
    const std::string json = R"({"username":"alice","password":"secret1"})";
    const Answer plain = post("/api/auth/login", json);
    EXPECT_EQ(plain.headers.get("Set-Cookie").find("Secure"), std::string_view::npos);
    const Answer tls = post("/api/auth/login", json, "", {{"X-Forwarded-Proto", "https"}});
    EXPECT_TRUE(tls.headers.get("Set-Cookie").ends_with("; HttpOnly; Secure; SameSite=Strict"));
}

TEST_F(AuthRoutes, LoggingOutEndsThatSessionAlone) {
    const Person alice = join("alice");
    const Answer again = post("/api/auth/login", R"({"username":"alice","password":"secret1"})");
    const Answer out = post("/api/auth/logout", "", alice.token);
    EXPECT_EQ(out.status, 200U);
    EXPECT_EQ(out.body, R"({"message":"Logged out successfully"})");
    EXPECT_TRUE(out.headers.get("Set-Cookie").starts_with("jwt=; Max-Age=0; Path=/; Expires="));
    const Answer refused = get("/api/users", alice.token);
    EXPECT_EQ(refused.status, 401U);
    EXPECT_EQ(refused.body, R"({"error":"Unauthorized - Invalid Token"})");
    EXPECT_EQ(get("/api/users", token_of(again)).status, 200U);
}

TEST_F(AuthRoutes, TheEndOfASessionIsAnnouncedOnce) {
    const Person alice = join("alice");
    post("/api/auth/logout", "", alice.token);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_FALSE(ended[0].empty());
    post("/api/auth/logout", "", alice.token);
    post("/api/auth/logout", "", "garbage");
    EXPECT_EQ(ended.size(), 1U);
}

TEST_F(AuthRoutes, LoggingOutWorksWithWhateverComes) {
    for (const char* body : {"", "{", "  ", R"({"any":"thing"})"}) EXPECT_EQ(post("/api/auth/logout", body).status, 200U) << body;
    EXPECT_EQ(post("/api/auth/logout", "", "garbage").status, 200U);
    EXPECT_EQ(get("/api/auth/logout").status, 404U);
}

TEST_F(AuthRoutes, WhoAmI) {
    const Person alice = join("alice");
    for (const char* path : {"/api/auth/check", "/api/auth/me"}) {
        const Answer answer = get(path, alice.token);
        EXPECT_EQ(answer.status, 200U);
        EXPECT_TRUE(answer.body.starts_with(R"({"_id":")" + alice.id + R"(","fullName":"Full alice")")) << answer.body;
        EXPECT_EQ(get(path).status, 401U);
    }
}

TEST_F(AuthRoutes, EveryRefusalSaysWhy) {
    const Person alice = join("alice");
    EXPECT_EQ(get("/api/users").body, R"({"error":"Unauthorized - No Token Provided"})");
    EXPECT_EQ(get("/api/users", "garbage").body, R"({"error":"Unauthorized - Invalid Token"})");
    const std::string stranger = authenticator.issue(*chat::UserId::parse("0123456789abcdef01234567")).token;
    const Answer gone = get("/api/users", stranger);
    EXPECT_EQ(gone.status, 404U);
    EXPECT_EQ(gone.body, R"({"error":"User not found"})");
    EXPECT_EQ(get("/api/users", "", {{"Cookie", "jwt="}}).body, R"({"error":"Unauthorized - No Token Provided"})");
    EXPECT_EQ(get("/api/users", "", {{"Cookie", "a=b; jwt=\"" + alice.token + "\"; c=d"}}).status, 200U);
    EXPECT_EQ(get("/api/users", "", {{"Authorization", "Bearer " + alice.token}}).status, 401U);
}

TEST_F(AuthRoutes, BodiesThatCannotBeReadAreRefused) {
    const auto login = [&](std::string body, Fields fields) {
        return ask(request(net::Method::Post, "POST", "/api/auth/login", std::move(body), fields)).status;
    };
    EXPECT_EQ(login(R"({"username":"a","password":"b"})", {}), 415U);
    EXPECT_EQ(login("username=a", {{"Content-Type", "application/x-www-form-urlencoded"}}), 415U);
    EXPECT_EQ(login("{", {{"Content-Type", "application/json"}}), 400U);
    EXPECT_EQ(login("{}", {{"Content-Type", "application/json"}, {"Content-Encoding", "zebra"}}), 415U);
    EXPECT_EQ(login(std::string(102'401, ' '), {{"Content-Type", "application/json"}}), 413U);
}

TEST_F(CompatibleAuthRoutes, ABadTokenIsTheOriginalsFailure) {
    const Answer bad = get("/api/users", "garbage");
    EXPECT_EQ(bad.status, 500U);
    EXPECT_EQ(bad.body, R"({"error":"Internal server error!!!"})");
    EXPECT_EQ(get("/api/users").status, 401U);
}

TEST_F(CompatibleAuthRoutes, AnEndedSessionIsStillRefused) {
    const Person alice = join("alice");
    post("/api/auth/logout", "", alice.token);
    EXPECT_EQ(get("/api/users", alice.token).status, 401U);
}

TEST_F(LimitedAuthRoutes, TheEleventhWrongPasswordIsTooMany) {
    join("alice");
    const std::string wrong = R"({"username":"alice","password":"wrong"})";
    for (int i = 0; i < 10; ++i) EXPECT_EQ(post("/api/auth/login", wrong).status, 400U) << i;
    const Answer answer = post("/api/auth/login", wrong);
    EXPECT_EQ(answer.status, 429U);
    EXPECT_EQ(answer.body, R"({"error":"Too many requests, please try again later"})");
    EXPECT_GE(std::stoi(std::string(answer.headers.get("Retry-After"))), 800);
    // The right one is refused as well: it would tell which one is right.
    EXPECT_EQ(post("/api/auth/login", R"({"username":"alice","password":"secret1"})").status, 429U);
    // By any spelling of the name.
    EXPECT_EQ(post("/api/auth/login", R"({"username":" ALICE ","password":"wrong"})").status, 429U);
}

TEST_F(LimitedAuthRoutes, AVictimIsNotLockedOut) {
    join("alice");  // from 127.0.0.1, which her account knows from now on
    const std::string wrong = R"({"username":"alice","password":"wrong"})";
    for (int i = 0; i < 100; ++i) {
        const std::string address = "198.51.100." + std::to_string(i / 5);
        EXPECT_EQ(post("/api/auth/login", wrong, "", {{"X-Forwarded-For", address}}).status, 400U) << i;
    }
    const std::string right = R"({"username":"alice","password":"secret1"})";
    EXPECT_EQ(post("/api/auth/login", right, "", {{"X-Forwarded-For", "203.0.113.9"}}).status, 429U);
    EXPECT_EQ(post("/api/auth/login", right).status, 200U);
}

TEST_F(LimitedAuthRoutes, SuccessesAreNotFailures) {
    join("alice");
    for (int i = 0; i < 15; ++i) EXPECT_EQ(post("/api/auth/login", R"({"username":"alice","password":"secret1"})").status, 200U) << i;
}

TEST_F(LimitedAuthRoutes, AuthCallsAreLimitedPerAddress) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(post("/api/auth/login", "{}").status, 400U) << i;
    EXPECT_EQ(post("/api/auth/login", "{}").status, 429U);
    EXPECT_EQ(post("/api/auth/signup", "{}").status, 429U);
    EXPECT_EQ(post("/api/auth/login", "{}", "", {{"X-Forwarded-For", "2001:db8::1"}}).status, 400U);
    EXPECT_EQ(post("/api/auth/logout", "").status, 200U);
}

}  // namespace
}  // namespace parley::api
