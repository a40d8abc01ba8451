#include "api_fixture.hpp"

namespace parley::api {
namespace {

// The ids in the order of the list.
std::vector<std::string> ids(const std::string& json) {
    std::vector<std::string> found;
    for (std::size_t at = json.find(R"({"_id":")"); at != std::string::npos; at = json.find(R"({"_id":")", at + 1))
        found.push_back(json.substr(at + 8, 24));
    return found;
}

using UsersRoutes = ApiTest;

// Nothing may be kept: every list of more than one page is streamed.
class LargeDirectory : public ApiTest {
protected:
    static ApiOptions no_cache() {
        ApiOptions options = default_options();
        options.directory_cache_bytes = 0;
        return options;
    }
    LargeDirectory() : ApiTest(no_cache()) {}

    chat::UserId add(int number) {
        chat::NewUser user{chat::UserId::generate(), "Name", "user" + std::to_string(number), "user" + std::to_string(number), "",
                           chat::Gender::Male,       "/p"};
        const chat::UserId id = user.id;
        EXPECT_TRUE(runner.run(users.create(std::move(user))).has_value());
        return id;
    }
};

TEST_F(UsersRoutes, EverybodyButTheCallerInTheOrderOfArrival) {
    const Person zoe = join("zoe");
    const Person adam = join("adam");
    const Person mia = join("mia");
    EXPECT_EQ(ids(get("/api/users", zoe.token).body), (std::vector{adam.id, mia.id}));
    EXPECT_EQ(ids(get("/api/users", adam.token).body), (std::vector{zoe.id, mia.id}));
    EXPECT_EQ(ids(get("/api/users", mia.token).body), (std::vector{zoe.id, adam.id}));
    const Answer list = get("/api/users/", adam.token);
    EXPECT_TRUE(list.body.starts_with(R"([{"_id":")" + zoe.id)) << list.body;
    EXPECT_TRUE(list.body.ends_with(R"("__v":0}])")) << list.body;
    EXPECT_EQ(list.body.find("password"), std::string::npos);
}

TEST_F(UsersRoutes, AloneTheListIsEmpty) {
    const Person zoe = join("zoe");
    EXPECT_EQ(get("/api/users", zoe.token).body, "[]");
}

TEST_F(UsersRoutes, ANewcomerIsSeenAtOnce) {
    const Person zoe = join("zoe");
    EXPECT_EQ(ids(get("/api/users", zoe.token).body).size(), 0U);
    join("adam");
    EXPECT_EQ(ids(get("/api/users", zoe.token).body).size(), 1U);
}

TEST_F(UsersRoutes, AnUnchangedListIsNotSentAgain) {
    const Person zoe = join("zoe");
    const Person adam = join("adam");
    const std::string etag(get("/api/users", zoe.token).headers.get("ETag"));
    EXPECT_TRUE(etag.starts_with("W/\""));
    const Answer unchanged = get("/api/users", zoe.token, {{"If-None-Match", etag}});
    EXPECT_EQ(unchanged.status, 304U);
    EXPECT_EQ(unchanged.body, "");
    EXPECT_EQ(unchanged.headers.get("ETag"), etag);
    EXPECT_EQ(get("/api/users", zoe.token, {{"If-None-Match", "\"x\", " + etag}}).status, 304U);
    EXPECT_EQ(get("/api/users", zoe.token, {{"If-None-Match", etag}, {"Cache-Control", "no-cache"}}).status, 200U);
    // Another person in the same browser does not get the first one's list.
    EXPECT_EQ(get("/api/users", adam.token, {{"If-None-Match", etag}}).status, 200U);
    join("mia");
    EXPECT_EQ(get("/api/users", zoe.token, {{"If-None-Match", etag}}).status, 200U);
}

TEST_F(UsersRoutes, PagesFollowTheirCursors) {
    const Person zoe = join("zoe");
    std::vector<std::string> all;
    for (int i = 0; i < 5; ++i) all.push_back(join("user" + std::to_string(i)).id);
    std::vector<std::string> seen;
    std::string target = "/api/users?limit=2";
    for (int page = 0; page < 10 && !target.empty(); ++page) {
        const Answer answer = get(target, zoe.token);
        ASSERT_EQ(answer.status, 200U) << answer.body;
        for (const auto& id : ids(answer.body)) seen.push_back(id);
        const auto next = answer.headers.find("X-Next-Cursor");
        target = next ? "/api/users?limit=2&cursor=" + net::percent_encode(*next) : "";
    }
    EXPECT_EQ(seen, all);
}

TEST_F(UsersRoutes, SearchingFindsPartsOfNames) {
    const Person zoe = join("zoe");
    const Person adam = join("adam");
    join("mia");
    EXPECT_EQ(ids(get("/api/users?q=DAM", zoe.token).body), std::vector{adam.id});
    EXPECT_EQ(get("/api/users?q=nobody", zoe.token).body, "[]");
    EXPECT_EQ(get("/api/users?q=%ff", zoe.token).status, 400U);
}

TEST_F(UsersRoutes, LimitsAndCursorsThatAreNoneAreRefused) {
    const Person zoe = join("zoe");
    for (const char* query :
         {"limit=0", "limit=-1", "limit=501", "limit=x", "limit=", "limit=1.5", "limit=99999999999999999999", "cursor=nonsense!"}) {
        const Answer answer = get(std::string("/api/users?") + query, zoe.token);
        EXPECT_EQ(answer.status, 400U) << query << answer.body;
        EXPECT_TRUE(answer.body.starts_with(R"({"error":")")) << answer.body;
    }
    EXPECT_EQ(get("/api/users?_=17", zoe.token).status, 200U);
}

TEST_F(LargeDirectory, IsStreamedCompletely) {
    const Person first = join("first");
    std::vector<std::string> expected;
    for (int i = 0; i < 1200; ++i) expected.push_back(add(i).to_hex());
    const Answer answer = get("/api/users", first.token);
    EXPECT_GE(answer.pieces, 3U);
    EXPECT_EQ(ids(answer.body), expected);
    EXPECT_TRUE(answer.body.starts_with("[{"));
    EXPECT_TRUE(answer.body.ends_with("}]"));
    EXPECT_EQ(answer.body.find(",,"), std::string::npos);
    EXPECT_EQ(answer.body.find("[,"), std::string::npos);
}

TEST_F(LargeDirectory, ACallerAloneOnTheFirstPageLeavesNoComma) {
    const Person first = join("first");
    users.largest_page = 1;
    const std::vector<std::string> expected{add(1).to_hex(), add(2).to_hex()};
    const Answer answer = get("/api/users", first.token);
    EXPECT_TRUE(answer.body.starts_with("[{")) << answer.body;
    EXPECT_EQ(ids(answer.body), expected);
}

TEST_F(LargeDirectory, TheCallerIsLeftOutWhereverHeStands) {
    for (int i = 0; i < 1200; ++i) {
        const chat::UserId id = add(i);
        if (i != 499 && i != 500 && i != 999 && i != 1199) continue;
        const Answer answer = get("/api/users", authenticator.issue(id).token);
        EXPECT_EQ(ids(answer.body).size(), static_cast<std::size_t>(i));
        EXPECT_EQ(answer.body.find(id.to_hex()), std::string::npos);
        EXPECT_EQ(answer.body.find(",]"), std::string::npos);
    }
}

}  // namespace
}  // namespace parley::api
