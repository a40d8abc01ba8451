#include "api_fixture.hpp"

namespace parley::api {
namespace {

std::vector<std::string> texts(const std::string& json) {
    constexpr std::string_view kKey = R"("message":")";
    std::vector<std::string> found;
    for (std::size_t at = json.find(kKey); at != std::string::npos; at = json.find(kKey, at + 1)) {
        const auto begin = at + kKey.size();
        found.push_back(json.substr(begin, json.find('"', begin) - begin));
    }
    return found;
}

class MessagesRoutes : public ApiTest {
protected:
    Answer send_json(const std::string& json, Fields fields = {}) {
        return post("/api/messages/send/" + bob.id, json, alice.token, std::move(fields));
    }
    std::vector<std::string> history() { return texts(get("/api/messages/" + bob.id, alice.token).body); }

    Person alice = join("alice");
    Person bob = join("bob");
};

class CompatibleMessagesRoutes : public CompatibleApiTest {};

class LimitedMessagesRoutes : public LimitedApiTest {};

TEST_F(MessagesRoutes, ASentMessageIsAnsweredAndReadBack) {
    const Answer sent = send_json(R"({"message":"hello"})");
    EXPECT_EQ(sent.status, 201U);
    EXPECT_TRUE(sent.body.starts_with(R"({"senderId":")" + alice.id + R"(","receiverId":")" + bob.id + R"(","message":"hello","_id":")"))
        << sent.body;
    const Answer read = get("/api/messages/" + alice.id, bob.token);
    EXPECT_TRUE(read.body.starts_with(R"([{"_id":")")) << read.body;
    EXPECT_EQ(texts(read.body), std::vector<std::string>{"hello"});
}

TEST_F(MessagesRoutes, WhoNeverTalkedHasAnEmptyHistory) {
    EXPECT_EQ(get("/api/messages/" + bob.id, alice.token).body, "[]");
    EXPECT_EQ(get("/api/messages/0123456789abcdef01234567", alice.token).body, "[]");
}

TEST_F(MessagesRoutes, WhatIsNoTextIsRefused) {
    for (const char* json : {"{}", R"({"message":""})", R"({"message":null})", ""}) {
        const Answer answer = send_json(json);
        EXPECT_EQ(answer.status, 400U) << json;
        EXPECT_EQ(answer.body, R"({"error":"Message cannot be empty"})") << json;
    }
    EXPECT_EQ(send_json(R"({"message":{"_id":"x"}})").status, 400U);
    EXPECT_EQ(send_json(R"({"message":["x"]})").status, 400U);
    EXPECT_EQ(history().size(), 0U);
}

TEST_F(MessagesRoutes, IdsThatAreNoneAreRefused) {
    for (const char* id :
         {"nonsense", "123", "undefined", "0123456789abcdef0123456", "0123456789abcdef0123456g", "%zz", "%20", "abcdefghijkl"}) {
        const Answer read = get(std::string("/api/messages/") + id, alice.token);
        EXPECT_EQ(read.status, 400U) << id;
        EXPECT_EQ(read.body, R"({"error":"Invalid user id"})") << id;
        EXPECT_EQ(post(std::string("/api/messages/send/") + id, R"({"message":"x"})", alice.token).status, 400U) << id;
    }
    const Answer nobody = post("/api/messages/send/0123456789abcdef01234567", R"({"message":"x"})", alice.token);
    EXPECT_EQ(nobody.status, 404U);
    EXPECT_EQ(nobody.body, R"({"error":"User not found"})");
}

TEST_F(MessagesRoutes, ARetryWithItsKeyIsTheFirstResult) {
    const Answer first = send_json(R"({"message":"once"})", {{"Idempotency-Key", "k1"}});
    const Answer again = send_json(R"({"message":"once"})", {{"Idempotency-Key", "k1"}});
    const Answer by_field = send_json(R"({"message":"once","clientId":"k1"})");
    EXPECT_EQ(first.status, 201U);
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(by_field.body, first.body);
    EXPECT_EQ(history().size(), 1U);
    EXPECT_EQ(listener.events.size(), 1U);
    EXPECT_EQ(send_json(R"({"message":"another","clientId":"k1"})").status, 409U);
}

TEST_F(MessagesRoutes, KeysThatContradictOrAreNoneAreRefused) {
    EXPECT_EQ(send_json(R"({"message":"x","clientId":"a"})", {{"Idempotency-Key", "b"}}).status, 400U);
    EXPECT_EQ(send_json(R"({"message":"x"})", {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}}).status, 400U);
    EXPECT_EQ(send_json(R"({"message":"x","clientId":")" + std::string(129, 'k') + "\"}").status, 400U);
    EXPECT_EQ(send_json(R"({"message":"x","clientId":"é"})").status, 400U);
    EXPECT_EQ(send_json(R"({"message":"x","clientId":{}})").status, 400U);
    EXPECT_EQ(history().size(), 0U);
    EXPECT_EQ(send_json(R"({"message":"x","clientId":"same"})", {{"Idempotency-Key", "same"}}).status, 201U);
}

TEST_F(MessagesRoutes, TheSparedSocketAndTheKeyReachTheListener) {
    send_json(R"({"message":"x","clientId":"k"})", {{"X-Socket-Id", "socket1"}});
    send_json(R"({"message":"y"})", {{"X-Socket-Id", std::string(65, 's')}});
    ASSERT_EQ(listener.events.size(), 2U);
    EXPECT_EQ(listener.events[0].client_id, "k");
    EXPECT_EQ(listener.events[0].origin, "socket1");
    EXPECT_EQ(listener.events[1].origin, "");
}

TEST_F(MessagesRoutes, AnUnchangedHistoryIsNotSentAgain) {
    send(alice, bob, "one");
    const std::string target = "/api/messages/" + bob.id;
    const std::string etag(get(target, alice.token).headers.get("ETag"));
    EXPECT_EQ(get(target, alice.token, {{"If-None-Match", etag}}).status, 304U);
    EXPECT_EQ(get(target, alice.token, {{"If-None-Match", "W/\"old\""}}).status, 200U);
    EXPECT_EQ(get(target, alice.token, {{"If-None-Match", etag}, {"Cache-Control", "no-cache"}}).status, 200U);
    // The same path means another conversation to another person.
    EXPECT_EQ(get(target, bob.token, {{"If-None-Match", etag}}).status, 200U);
    send(bob, alice, "two");
    EXPECT_EQ(get(target, alice.token, {{"If-None-Match", etag}}).status, 200U);
}

TEST_F(MessagesRoutes, AHistoryThatWasKeptIsTheOneOfItsPairAndItsVersion) {
    const Person carol = join("carol");
    send(alice, bob, "one");
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(history(), std::vector<std::string>{"one"});
        EXPECT_EQ(get("/api/messages/" + alice.id, bob.token).body, get("/api/messages/" + bob.id, alice.token).body);
        EXPECT_EQ(get("/api/messages/" + carol.id, alice.token).body, "[]");
        EXPECT_EQ(get("/api/messages/" + bob.id, carol.token).body, "[]");
    }
    send(bob, alice, "two");
    EXPECT_EQ(history(), (std::vector<std::string>{"one", "two"}));
    for (int i = 0; i < 1000; ++i) send(alice, bob, "m");
    EXPECT_EQ(history().size(), 1002U);
    EXPECT_EQ(get("/api/messages/" + bob.id, alice.token).pieces, 0U);
}

TEST_F(MessagesRoutes, ALongHistoryIsStreamedWholeAndInOrder) {
    std::vector<std::string> expected;
    for (int i = 0; i < 2500; ++i) {
        expected.push_back(std::string(300, 'm') + std::to_string(i));
        send(i % 2 ? alice : bob, i % 2 ? bob : alice, expected.back());
    }
    const Answer answer = get("/api/messages/" + bob.id, alice.token);
    EXPECT_GE(answer.pieces, 3U);
    EXPECT_EQ(texts(answer.body), expected);
    std::size_t joints = 0;
    for (std::size_t at = answer.body.find("},{"); at != std::string::npos; at = answer.body.find("},{", at + 1)) ++joints;
    EXPECT_EQ(joints, expected.size() - 1);
    EXPECT_TRUE(answer.body.ends_with("}]"));
}

TEST_F(MessagesRoutes, LongTextsComeInSmallPieces) {
    const std::string text(90'000, 'x');
    for (int i = 0; i < 110; ++i) send(alice, bob, text);
    const Answer answer = get("/api/messages/" + bob.id, alice.token);
    EXPECT_GE(answer.pieces, 3U);
    EXPECT_EQ(texts(answer.body).size(), 110U);
}

TEST_F(MessagesRoutes, PagesGoBackAndForth) {
    for (int i = 0; i < 5; ++i) send(alice, bob, std::to_string(i));
    const std::string target = "/api/messages/" + bob.id;
    const Answer newest = get(target + "?limit=2", alice.token);
    EXPECT_EQ(texts(newest.body), (std::vector<std::string>{"3", "4"}));
    const Answer older = get(target + "?limit=2&before=" + std::string(newest.headers.get("X-Older-Cursor")), alice.token);
    EXPECT_EQ(texts(older.body), (std::vector<std::string>{"1", "2"}));
    const Answer oldest = get(target + "?limit=2&before=" + std::string(older.headers.get("X-Older-Cursor")), alice.token);
    EXPECT_EQ(texts(oldest.body), (std::vector<std::string>{"0"}));
    EXPECT_FALSE(oldest.headers.find("X-Older-Cursor"));

    const std::string latest(newest.headers.get("X-Newer-Cursor"));
    const Answer nothing = get(target + "?after=" + latest, alice.token);
    EXPECT_EQ(nothing.body, "[]");
    EXPECT_EQ(nothing.headers.get("X-Newer-Cursor"), latest);
    send(bob, alice, "5");
    EXPECT_EQ(texts(get(target + "?after=" + latest, alice.token).body), (std::vector<std::string>{"5"}));
}

TEST_F(MessagesRoutes, PagesThatCannotBeAreRefused) {
    send(alice, bob, "x");
    const std::string target = "/api/messages/" + bob.id;
    const std::string cursor(get(target + "?limit=1", alice.token).headers.get("X-Newer-Cursor"));
    for (const std::string& query : {"?limit=0", "?limit=501", "?limit=x", "?before=nonsense!", "?after=nonsense!"}) {
        EXPECT_EQ(get(target + query, alice.token).status, 400U) << query;
    }
    EXPECT_EQ(get(target + "?before=" + cursor + "&after=" + cursor, alice.token).status, 400U);
    EXPECT_EQ(get(target + "?_=17", alice.token).status, 200U);
}

TEST_F(CompatibleMessagesRoutes, AMalformedIdIsTheOriginalsFailure) {
    const Person alice = join("alice");
    const Answer answer = get("/api/messages/nonsense", alice.token);
    EXPECT_EQ(answer.status, 500U);
    EXPECT_EQ(answer.body, R"({"error":"Internal server error"})");
}

TEST_F(LimitedMessagesRoutes, AHundredAtOnceAreEnough) {
    const Person alice = join("alice");
    const Person bob = join("bob");
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        const Answer answer = post("/api/messages/send/" + bob.id, R"({"message":"x"})", alice.token);
        if (answer.status != 429) continue;
        ++refused;
        EXPECT_EQ(answer.headers.get("Retry-After"), "1");
    }
    EXPECT_GE(refused, 1);
    EXPECT_EQ(post("/api/messages/send/" + alice.id, R"({"message":"x"})", bob.token).status, 201U);
}

}  // namespace
}  // namespace parley::api
