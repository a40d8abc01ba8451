#include "dialect/v1.hpp"

#include <gtest/gtest.h>

namespace parley::dialect {
namespace {

const V1 v1;

chat::Timestamp at(std::int64_t milliseconds) {
    return chat::Timestamp(std::chrono::milliseconds(milliseconds));
}

chat::User alice() {
    chat::User user;
    user.id = *chat::UserId::parse("0123456789abcdef01234567");
    user.full_name = "Alice \"A\"";
    user.username = "alice";
    user.password_hash = "$2b$10$secret";
    user.gender = chat::Gender::Female;
    user.profile_picture = "/api/avatars/0123456789abcdef01234567.svg";
    user.created_at = at(1000);
    user.updated_at = at(2000);
    return user;
}

chat::Message message() {
    return {*chat::MessageId::parse("aaaaaaaaaaaaaaaaaaaaaaaa"),
            *chat::UserId::parse("bbbbbbbbbbbbbbbbbbbbbbbb"),
            *chat::UserId::parse("cccccccccccccccccccccccc"),
            "hi\n",
            at(0),
            at(1)};
}

Fields fields(std::string_view json) {
    return Fields::parse(json).value();
}

std::string refusal(std::string_view json) {
    const auto form = v1.read_sign_up(fields(json));
    return form ? "" : form.error().message;
}

TEST(V1, KeysStandInTheOrderOfTheOriginal) {
    EXPECT_EQ(v1.account_json(alice()), R"({"_id":"0123456789abcdef01234567","fullName":"Alice \"A\"","username":"alice",)"
                                        R"("profilePic":"/api/avatars/0123456789abcdef01234567.svg"})");
    std::string user;
    v1.append_user(user, alice());
    EXPECT_EQ(user, R"({"_id":"0123456789abcdef01234567","fullName":"Alice \"A\"","username":"alice","gender":"female",)"
                    R"("profilePic":"/api/avatars/0123456789abcdef01234567.svg","createdAt":"1970-01-01T00:00:01.000Z",)"
                    R"("updatedAt":"1970-01-01T00:00:02.000Z","__v":0})");
    EXPECT_EQ(v1.message_json(message()),
              R"({"senderId":"bbbbbbbbbbbbbbbbbbbbbbbb","receiverId":"cccccccccccccccccccccccc","message":"hi\n",)"
              R"("_id":"aaaaaaaaaaaaaaaaaaaaaaaa","createdAt":"1970-01-01T00:00:00.000Z",)"
              R"("updatedAt":"1970-01-01T00:00:00.001Z","__v":0})");
    std::string history;
    v1.append_history_message(history, message());
    EXPECT_EQ(history, R"({"_id":"aaaaaaaaaaaaaaaaaaaaaaaa","senderId":"bbbbbbbbbbbbbbbbbbbbbbbb","receiverId":"cccccccccccccccccccccccc",)"
                       R"("message":"hi\n","createdAt":"1970-01-01T00:00:00.000Z","updatedAt":"1970-01-01T00:00:00.001Z","__v":0})");
}

TEST(V1, WhatTheSenderHearsNamesTheClientId) {
    const std::string plain = v1.message_json(message());
    EXPECT_EQ(v1.sent_message_json(message(), ""), plain);
    EXPECT_EQ(v1.sent_message_json(message(), "k\"1"), plain.substr(0, plain.size() - 1) + R"(,"clientId":"k\"1"})");
}

TEST(V1, ThePasswordHashIsNowhere) {
    std::string out = v1.account_json(alice());
    v1.append_user(out, alice());
    EXPECT_EQ(out.find("$2b$"), std::string::npos);
}

TEST(V1, ErrorsAreEscaped) {
    EXPECT_EQ(v1.error_json(Area::Auth, "a \"quoted\" text"), R"({"error":"a \"quoted\" text"})");
}

TEST(V1, ASignUpFormIsRead) {
    const auto form = v1.read_sign_up(fields(
        R"({"fullName":" Alice ","username":42,"password":"secret1","confirmPassword":"secret1","gender":"female","isAdmin":true})"));
    ASSERT_TRUE(form.has_value());
    EXPECT_EQ(form->full_name, " Alice ");
    EXPECT_EQ(form->username, "42");
    EXPECT_EQ(form->password, "secret1");
    EXPECT_EQ(form->gender, chat::Gender::Female);
}

TEST(V1, ARefusedFormSaysWhy) {
    EXPECT_EQ(refusal("{}"), "Password is required");
    EXPECT_EQ(refusal(R"({"password":"secret1","confirmPassword":"secret2"})"), "Passwords don't match");
    EXPECT_EQ(refusal(R"({"password":"secret1"})"), "Passwords don't match");
    EXPECT_EQ(refusal(R"({"password":"1","confirmPassword":1})"), "Passwords don't match");
    EXPECT_EQ(refusal(R"({"password":{},"confirmPassword":{}})"), "Passwords don't match");
    EXPECT_EQ(refusal(R"({"password":null,"confirmPassword":null})"), "Password is required");
    EXPECT_EQ(refusal(R"({"password":1234567,"confirmPassword":1234567})"), "Password must be a text");
    const std::string passwords = R"("password":"secret1","confirmPassword":"secret1")";
    EXPECT_EQ(refusal("{" + passwords + R"(,"username":"a","gender":"male"})"), "Full name is required");
    EXPECT_EQ(refusal("{" + passwords + R"(,"fullName":"","username":"a","gender":"male"})"), "Full name is required");
    EXPECT_EQ(refusal("{" + passwords + R"(,"fullName":{"a":1},"username":"a","gender":"male"})"), "Full name must be a text");
    EXPECT_EQ(refusal("{" + passwords + R"(,"fullName":"A","username":{"$eq":"a"},"gender":"male"})"), "Username must be a text");
    EXPECT_EQ(refusal("{" + passwords + R"(,"fullName":"A","username":"a"})"), "Gender is required");
    EXPECT_EQ(refusal("{" + passwords + R"(,"fullName":"A","username":"a","gender":"Male"})"), "Gender must be male or female");
    EXPECT_EQ(refusal("{" + passwords + R"(,"fullName":"A","username":"a","gender":["male"]})"), "Gender must be male or female");
}

TEST(V1, OnlyTextsLogIn) {
    EXPECT_TRUE(v1.read_log_in(fields(R"({"username":"a","password":"b"})")).has_value());
    for (const char* json :
         {"{}", R"({"username":"a"})", R"({"username":{"$gt":""},"password":"b"})", R"({"username":["a"],"password":"b"})",
          R"({"username":1,"password":"b"})", R"({"username":"a","password":1})", R"({"username":"a","password":{"$ne":null}})"}) {
        const auto form = v1.read_log_in(fields(json));
        ASSERT_FALSE(form.has_value()) << json;
        EXPECT_EQ(form.error().message, "Invalid username or password");
    }
}

TEST(V1, AMessageIsCastButNotComposed) {
    EXPECT_EQ(v1.read_message(fields(R"({"message":1e21,"clientId":7})"))->text, "1e+21");
    EXPECT_EQ(v1.read_message(fields(R"({"message":"x","clientId":7})"))->client_id, "7");
    EXPECT_EQ(v1.read_message(fields(R"({"message":"x","message":"y"})"))->text, "y");
    EXPECT_EQ(v1.read_message(fields("{}"))->text, "");
    EXPECT_FALSE(v1.read_message(fields(R"({"message":{"_id":"smuggled"}})")).has_value());
    EXPECT_FALSE(v1.read_message(fields(R"({"message":["a"]})")).has_value());
    EXPECT_FALSE(v1.read_message(fields(R"({"message":"x","clientId":{}})")).has_value());
}

TEST(V1, AConversationHasItsUserItsLastMessageAndWhatIsUnread) {
    chat::ConversationSummary conversation;
    conversation.peer = alice().id;
    conversation.user = alice();
    conversation.last_message = message();
    conversation.state.unread = 3;
    std::string user;
    v1.append_user(user, alice());
    std::string last;
    v1.append_history_message(last, message());
    std::string json;
    v1.append_conversation(json, conversation);
    EXPECT_EQ(json, R"({"user":)" + user + R"(,"lastMessage":)" + last +
                        R"(,"lastActivityAt":"1970-01-01T00:00:00.000Z","unreadCount":3,"lastReadMessageId":null})");
    conversation.user.reset();
    conversation.state.last_read = message().id;
    json.clear();
    v1.append_conversation(json, conversation);
    EXPECT_EQ(json, R"({"user":{"_id":"0123456789abcdef01234567","deleted":true},"lastMessage":)" + last +
                        R"(,"lastActivityAt":"1970-01-01T00:00:00.000Z","unreadCount":3,"lastReadMessageId":"aaaaaaaaaaaaaaaaaaaaaaaa"})");
}

TEST(V1, AReadStateNamesTheOtherTheMarkAndWhatIsUnread) {
    EXPECT_EQ(v1.read_state_json(alice().id, {std::nullopt, 0}),
              R"({"userId":"0123456789abcdef01234567","lastReadMessageId":null,"unreadCount":0})");
    EXPECT_EQ(v1.read_state_json(alice().id, {message().id, 1000}),
              R"({"userId":"0123456789abcdef01234567","lastReadMessageId":"aaaaaaaaaaaaaaaaaaaaaaaa","unreadCount":1000})");
}

TEST(V1, AMarkIsAnIdOrNotThere) {
    EXPECT_EQ(v1.read_mark(fields("{}")).value(), std::nullopt);
    EXPECT_EQ(v1.read_mark(fields(R"({"other":1})")).value(), std::nullopt);
    EXPECT_EQ(v1.read_mark(fields(R"({"messageId":"aaaaaaaaaaaaaaaaaaaaaaaa"})")).value(), message().id);
    for (const char* value : {"null", R"("")", R"("x")", "1", "{}", "[]", R"("aaaaaaaaaaaaaaaaaaaaaaaaa")"}) {
        const auto mark = v1.read_mark(fields(R"({"messageId":)" + std::string(value) + "}"));
        ASSERT_FALSE(mark.has_value()) << value;
        EXPECT_EQ(mark.error().message, "Invalid message id");
    }
}

TEST(V1, UnknownDialectsAreRefusedByName) {
    EXPECT_TRUE(make_dialect("mern-chat-app").has_value());
    EXPECT_FALSE(make_dialect("chatify").has_value());
}

}  // namespace
}  // namespace parley::dialect
