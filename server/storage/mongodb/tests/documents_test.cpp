#include "storage/mongodb/documents.hpp"

#include <gtest/gtest.h>

namespace parley::storage::mongodb {
namespace {

using std::chrono::milliseconds;

chat::Message a_message() {
    return {.id = chat::MessageId::generate(),
            .sender = chat::UserId::generate(),
            .receiver = chat::UserId::generate(),
            .text = std::string("a\0b 👋", 8),
            .created_at = chat::Timestamp(milliseconds(1'700'000'000'123)),
            .updated_at = chat::Timestamp(milliseconds(1'700'000'000'456))};
}

std::vector<std::string> keys_of(const Bson& document) {
    std::vector<std::string> keys;
    bson_iter_t at;
    bson_iter_init(&at, document.get());
    while (bson_iter_next(&at)) keys.emplace_back(bson_iter_key(&at));
    return keys;
}

Bson without(const Bson& document, const char* field) {
    Bson copy;
    bson_copy_to_excluding_noinit(document.get(), copy.get(), field, nullptr);
    return copy;
}

TEST(Documents, HaveMongoosesFieldsInItsOrder) {
    using Keys = std::vector<std::string>;
    EXPECT_EQ(keys_of(to_bson(chat::User{})),
              (Keys{"_id", "fullName", "username", "password", "gender", "profilePic", "createdAt", "updatedAt", "__v"}));
    EXPECT_EQ(keys_of(to_bson(a_message())), (Keys{"_id", "senderId", "receiverId", "message", "createdAt", "updatedAt", "__v"}));
    EXPECT_EQ(keys_of(to_bson(Conversation{})), (Keys{"_id", "participants", "messages", "createdAt", "updatedAt", "__v"}));
}

TEST(Documents, ComeBackAsTheyWere) {
    const auto message = a_message();
    EXPECT_EQ(read_message(*to_bson(message).get()).value(), message);

    const chat::User user{.id = chat::UserId::generate(),
                          .full_name = "Zoë",
                          .username = "zoe",
                          .password_hash = "$2b$10$x",
                          .gender = chat::Gender::Female,
                          .profile_picture = "https://example.org/a.png",
                          .created_at = message.created_at,
                          .updated_at = message.updated_at};
    const auto read = read_user(*to_bson(user).get()).value();
    EXPECT_EQ(read.id, user.id);
    EXPECT_EQ(read.full_name, user.full_name);
    EXPECT_EQ(read.username, user.username);
    EXPECT_EQ(read.password_hash, user.password_hash);
    EXPECT_EQ(read.gender, user.gender);
    EXPECT_EQ(read.profile_picture, user.profile_picture);
    EXPECT_EQ(read.created_at, user.created_at);
    EXPECT_EQ(read.updated_at, user.updated_at);
}

TEST(Documents, AMissingTimeIsThatOfTheId) {
    const auto message = a_message();
    const auto read = read_message(*without(without(to_bson(message), "createdAt"), "updatedAt").get()).value();
    EXPECT_EQ(read.created_at, time_of(message.id));
    EXPECT_EQ(read.updated_at, time_of(message.id));
}

TEST(Documents, WhatIsNoMessageIsRefusedWithTheReason) {
    const Bson whole = to_bson(a_message());
    for (const char* field : {"_id", "senderId", "receiverId", "message"}) {
        const Bson partial = without(whole, field);
        EXPECT_EQ(read_message(*partial.get()).error().code, ErrorCode::InvalidArgument) << field;
        const Bson odd = without(whole, field).add(field, 5);
        EXPECT_EQ(read_message(*odd.get()).error().code, ErrorCode::InvalidArgument) << field;
    }
}

TEST(Documents, AUserNeedsAnIdAndAName) {
    EXPECT_FALSE(read_user(*Bson().add("_id", "text").add("username", "zoe").get()).has_value());
    EXPECT_FALSE(read_user(*Bson().add("_id", chat::UserId::generate()).add("username", 7).get()).has_value());
    const auto least = read_user(*Bson().add("_id", chat::UserId::generate()).add("username", "zoe").get());
    ASSERT_TRUE(least.has_value());
    EXPECT_EQ(least->gender, chat::Gender::Male);
    EXPECT_EQ(least->profile_picture, "");
}

TEST(Documents, BytesThatAreNoDocumentAreRefused) {
    const std::string whole(to_bson(a_message()).bytes());
    EXPECT_TRUE(Bson::parse(whole).has_value());
    for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(Bson::parse(whole.substr(0, length)).has_value());
    EXPECT_FALSE(Bson::parse(whole + "x").has_value());
}

}  // namespace
}  // namespace parley::storage::mongodb
