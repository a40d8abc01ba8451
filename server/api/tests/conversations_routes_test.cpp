#include "api_fixture.hpp"

namespace parley::api {
namespace {

class ConversationsRoutes : public ApiTest {
protected:
    static std::string id_of(const std::string& message) { return message.substr(message.find(R"("_id":")") + 7, 24); }
    static std::string target(const Person& peer) { return "/api/conversations/" + peer.id + "/read"; }
    static std::string up_to(const std::string& id) { return R"({"messageId":")" + id + R"("})"; }
    static std::string state(const Person& peer, const std::string& last_read, int unread) {
        const std::string mark = last_read.empty() ? "null" : '"' + last_read + '"';
        return R"({"userId":")" + peer.id + R"(","lastReadMessageId":)" + mark + R"(,"unreadCount":)" + std::to_string(unread) + "}";
    }
    std::string list(const Person& reader) {
        const Answer answer = get("/api/conversations", reader.token);
        EXPECT_EQ(answer.status, 200U);
        return answer.body;
    }
    // Of each entry: the other one's name and what is unread.
    static std::vector<std::string> entries(const std::string& json) {
        std::vector<std::string> found;
        for (std::size_t at = json.find(R"({"user":)"); at != std::string::npos; at = json.find(R"({"user":)", at + 1)) {
            const auto name = json.find(R"("username":")", at) + 12;
            const auto count = json.find(R"("unreadCount":)", at) + 14;
            found.push_back(json.substr(name, json.find('"', name) - name) + " " + json.substr(count, json.find(',', count) - count));
        }
        return found;
    }

    Person alice = join("alice");
    Person bob = join("bob");
    Person carol = join("carol");
};

class LimitedConversationsRoutes : public LimitedApiTest {};

TEST_F(ConversationsRoutes, AnEntryHasTheUserAndTheMessageAsOtherRoutesHaveThem) {
    EXPECT_EQ(list(alice), "[]");
    send(bob, alice, "one");
    send(bob, alice, "two");
    const std::string user = get("/api/users/" + bob.id, alice.token).body;
    const std::string history = get("/api/messages/" + bob.id + "?limit=1", alice.token).body;
    const std::string message = history.substr(1, history.size() - 2);
    const auto time = message.find(R"("createdAt":)") + 12;
    EXPECT_EQ(list(alice), R"([{"user":)" + user + R"(,"lastMessage":)" + message + R"(,"lastActivityAt":)" + message.substr(time, 26) +
                               R"(,"unreadCount":2,"lastReadMessageId":null}])");
    EXPECT_TRUE(get("/api/users", alice.token).body.starts_with("[" + user));
}

TEST_F(ConversationsRoutes, TheLatestComesFirstAndOnlyOnesOwn) {
    send(alice, bob, "x");
    send(carol, alice, "x");
    send(alice, alice, "note");
    send(bob, carol, "x");
    EXPECT_EQ(entries(list(alice)), (std::vector<std::string>{"alice 0", "carol 1", "bob 0"}));
    EXPECT_EQ(entries(list(bob)), (std::vector<std::string>{"carol 0", "alice 1"}));
}

TEST_F(ConversationsRoutes, WhoIsGoneHasHisIdLeft) {
    send(bob, alice, "x");
    ASSERT_TRUE(runner.run(users.remove(chat::UserId::parse(bob.id).value())).has_value());
    EXPECT_TRUE(list(alice).starts_with(R"([{"user":{"_id":")" + bob.id + R"(","deleted":true},"lastMessage":{"_id":")")) << list(alice);
}

TEST_F(ConversationsRoutes, PagesFollowEachOther) {
    for (const Person* peer : {&alice, &bob, &carol}) send(alice, *peer, "x");
    const Answer first = get("/api/conversations?limit=2", alice.token);
    EXPECT_EQ(entries(first.body), (std::vector<std::string>{"carol 0", "bob 0"}));
    const Answer rest = get("/api/conversations?limit=2&cursor=" + std::string(first.headers.get("X-Next-Cursor")), alice.token);
    EXPECT_EQ(entries(rest.body), std::vector<std::string>{"alice 0"});
    EXPECT_FALSE(rest.headers.find("X-Next-Cursor"));
    EXPECT_FALSE(get("/api/conversations?limit=3", alice.token).headers.find("X-Next-Cursor"));
}

TEST_F(ConversationsRoutes, PagesThatCannotBeAreRefused) {
    send(alice, bob, "x");
    for (const char* query :
         {"?limit=0", "?limit=501", "?limit=x", "?limit=-1", "?limit=", "?cursor=nonsense", "?cursor=%FF", "?cursor=%00"}) {
        const Answer answer = get(std::string("/api/conversations") + query, alice.token);
        EXPECT_EQ(answer.status, 400U) << query;
        EXPECT_TRUE(answer.body.starts_with(R"({"error":")")) << answer.body;
    }
    EXPECT_EQ(get("/api/conversations?limit=500", alice.token).status, 200U);
}

TEST_F(ConversationsRoutes, AMarkLowersTheCountAndNeverGoesBack) {
    const std::string first = id_of(send(bob, alice, "1"));
    const std::string second = id_of(send(bob, alice, "2"));
    const std::string third = id_of(send(bob, alice, "3"));
    const Answer marked = put(target(bob), up_to(second), alice.token);
    EXPECT_EQ(marked.status, 200U);
    EXPECT_EQ(marked.body, state(bob, second, 1));
    EXPECT_EQ(put(target(bob), up_to(first), alice.token).body, state(bob, second, 1));
    EXPECT_EQ(entries(list(alice)), std::vector<std::string>{"bob 1"});
    EXPECT_TRUE(list(alice).ends_with(R"("lastReadMessageId":")" + second + R"("}])"));
    EXPECT_EQ(put(target(bob), "", alice.token).body, state(bob, third, 0));
    EXPECT_EQ(put(target(bob), "{}", alice.token).body, state(bob, third, 0));
    EXPECT_EQ(listener.marks.size(), 2U);
    EXPECT_EQ(entries(list(alice)), std::vector<std::string>{"bob 0"});
}

TEST_F(ConversationsRoutes, WhereNothingWasSaidThereIsNothingToMark) {
    EXPECT_EQ(put(target(bob), "{}", alice.token).body, state(bob, "", 0));
    EXPECT_EQ(put("/api/conversations/0123456789abcdef01234567/read", "", alice.token).status, 200U);
    EXPECT_TRUE(listener.marks.empty());
}

TEST_F(ConversationsRoutes, NotesToSelfCanBeMarked) {
    const std::string note = id_of(send(alice, alice, "note"));
    EXPECT_EQ(put(target(alice), "{}", alice.token).body, state(alice, note, 0));
}

TEST_F(ConversationsRoutes, TheSparedSocketReachesTheListener) {
    send(bob, alice, "1");
    put(target(bob), "", alice.token, {{"X-Socket-Id", "socket1"}});
    send(bob, alice, "2");
    put(target(bob), "", alice.token, {{"X-Socket-Id", std::string(65, 's')}});
    ASSERT_EQ(listener.marks.size(), 2U);
    EXPECT_EQ(listener.marks[0].origin, "socket1");
    EXPECT_EQ(listener.marks[1].origin, "");
}

TEST_F(ConversationsRoutes, MessagesOfOtherConversationsAreNotFoundWhoeverTheirsAre) {
    send(bob, alice, "x");
    const std::string own_other = id_of(send(carol, alice, "x"));
    const std::string of_others = id_of(send(bob, carol, "x"));
    const Answer nowhere = put(target(bob), up_to("0123456789abcdef01234567"), alice.token);
    EXPECT_EQ(nowhere.status, 404U);
    EXPECT_EQ(nowhere.body, R"({"error":"Message not found"})");
    for (const std::string& id : {own_other, of_others}) {
        const Answer answer = put(target(bob), up_to(id), alice.token);
        EXPECT_EQ(answer.status, 404U);
        EXPECT_EQ(answer.body, nowhere.body);
    }
    EXPECT_EQ(put(target(alice), up_to(own_other), alice.token).status, 404U);
    EXPECT_TRUE(listener.marks.empty());
}

TEST_F(ConversationsRoutes, WhatIsNoIdOrNoBodyIsRefused) {
    send(bob, alice, "x");
    for (const char* id : {"nonsense", "0123456789abcdef0123456", "%zz", "%20"}) {
        const Answer answer = put(std::string("/api/conversations/") + id + "/read", "{}", alice.token);
        EXPECT_EQ(answer.status, 400U) << id;
        EXPECT_EQ(answer.body, R"({"error":"Invalid user id"})") << id;
    }
    for (const char* id : {R"("x")", R"("")", "null", "7", "true", "{}", "[]", R"("0123456789abcdef0123456z")"}) {
        const Answer answer = put(target(bob), R"({"messageId":)" + std::string(id) + "}", alice.token);
        EXPECT_EQ(answer.status, 400U) << id;
        EXPECT_EQ(answer.body, R"({"error":"Invalid message id"})") << id;
    }
    for (const char* body : {"{", "x", "7", "null", "[]", R"(["0123456789abcdef01234567"])"}) {
        EXPECT_EQ(put(target(bob), body, alice.token).status, 400U) << body;
    }
    EXPECT_EQ(put(target(bob), "{\"a\":\"" + std::string(103'000, 'x') + "\"}", alice.token).status, 413U);
    EXPECT_TRUE(listener.marks.empty());
}

TEST_F(ConversationsRoutes, NobodyReadsThemWithoutALogin) {
    EXPECT_EQ(get("/api/conversations").status, 401U);
    EXPECT_EQ(put(target(bob), "{}").status, 401U);
    EXPECT_EQ(get("/api/users/" + bob.id).status, 401U);
    EXPECT_EQ(put(target(bob), "{}", alice.token, {{"Origin", "http://elsewhere.example"}}).status, 403U);
    EXPECT_EQ(post("/api/conversations", "{}", alice.token).status, 404U);
}

TEST_F(ConversationsRoutes, AUserCanBeAskedForById) {
    const Answer self = get("/api/users/" + alice.id, alice.token);
    EXPECT_EQ(self.status, 200U);
    EXPECT_TRUE(self.body.starts_with(R"({"_id":")" + alice.id + R"(","fullName":"Full alice","username":"alice","gender":"female")"))
        << self.body;
    EXPECT_EQ(self.body.find("password"), std::string::npos);
    const Answer nobody = get("/api/users/0123456789abcdef01234567", alice.token);
    EXPECT_EQ(nobody.status, 404U);
    EXPECT_EQ(nobody.body, R"({"error":"User not found"})");
    const Answer none = get("/api/users/nonsense", alice.token);
    EXPECT_EQ(none.status, 400U);
    EXPECT_EQ(none.body, R"({"error":"Invalid user id"})");
}

TEST_F(LimitedConversationsRoutes, MarksAreLimitedAndSendsGoOn) {
    const Person alice = join("alice");
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        const Answer answer = put("/api/conversations/" + alice.id + "/read", "", alice.token);
        if (answer.status != 429) continue;
        ++refused;
        EXPECT_EQ(answer.headers.get("Retry-After"), "1");
    }
    EXPECT_GE(refused, 1);
    EXPECT_EQ(post("/api/messages/send/" + alice.id, R"({"message":"x"})", alice.token).status, 201U);
}

}  // namespace
}  // namespace parley::api
