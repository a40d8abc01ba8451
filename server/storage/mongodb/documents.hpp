// The documents of the original's three collections, field for field as Mongoose 8 writes them: names, order, BSON types, `__v`.
// Other programs write them too, so reading takes what can be made sense of and says what cannot.
#pragma once

#include <cstdint>
#include <vector>

#include "chat/values.hpp"
#include "parley/base/result.hpp"
#include "storage/mongodb/bson.hpp"

namespace parley::storage::mongodb {

inline constexpr const char* kUsers = "users";
inline constexpr const char* kMessages = "messages";
inline constexpr const char* kConversations = "conversations";

// `participants` are both ids, also for notes to self (twice the same). `messages`: their ids, in the order in which they were pushed.
// `version` is Mongoose's `__v`: it grows with each push.
struct Conversation {
    chat::ConversationId id;
    std::vector<chat::UserId> participants;
    std::vector<chat::MessageId> messages;
    chat::Timestamp created_at;
    chat::Timestamp updated_at;
    std::int32_t version = 0;
    // Of a document that was read: `messages` has other things than ids, or `__v` is no number. It is another program's then, and not for us to change.
    bool is_odd = false;
};

Bson to_bson(const chat::User& user);  // _id, fullName, username, password, gender, profilePic, createdAt, updatedAt, __v
Bson to_bson(const chat::Message& message);
Bson to_bson(const Conversation& conversation);

// InvalidArgument, with the reason, for a document that is none of these: no ObjectId as `_id`, no text as `username`; of a message: its three ids
// and its text must be there. Times that are missing are those of the `_id`; other missing fields are empty, a gender that is neither is male.
Result<chat::User> read_user(const bson_t& document);
Result<chat::Message> read_message(const bson_t& document);
Result<Conversation> read_conversation(const bson_t& document);

// The second in which the id was made.
chat::Timestamp time_of(const chat::ObjectId& id);

}  // namespace parley::storage::mongodb
