#include "storage/mongodb/documents.hpp"

namespace parley::storage::mongodb {
namespace {

const char* gender_text(chat::Gender gender) {
    return gender == chat::Gender::Male ? "male" : "female";
}

std::unexpected<Error> invalid(const char* reason) {
    return fail(ErrorCode::InvalidArgument, reason);
}

}  // namespace

Bson to_bson(const chat::User& user) {
    return Bson()
        .add("_id", user.id)
        .add("fullName", user.full_name)
        .add("username", user.username)
        .add("password", user.password_hash)
        .add("gender", gender_text(user.gender))
        .add("profilePic", user.profile_picture)
        .add("createdAt", user.created_at)
        .add("updatedAt", user.updated_at)
        .add("__v", 0);
}

Bson to_bson(const chat::Message& message) {
    return Bson()
        .add("_id", message.id)
        .add("senderId", message.sender)
        .add("receiverId", message.receiver)
        .add("message", message.text)
        .add("createdAt", message.created_at)
        .add("updatedAt", message.updated_at)
        .add("__v", 0);
}

Bson to_bson(const Conversation& conversation) {
    return Bson()
        .add("_id", conversation.id)
        .add_array("participants", conversation.participants)
        .add_array("messages", conversation.messages)
        .add("createdAt", conversation.created_at)
        .add("updatedAt", conversation.updated_at)
        .add("__v", conversation.version);
}

Result<chat::User> read_user(const bson_t& document) {
    const BsonView view(document);
    const auto id = view.id("_id");
    if (!id) return invalid("its _id is no ObjectId");
    auto username = view.text("username");
    if (!username) return invalid("it has no username");
    const chat::Timestamp created_at = view.time("createdAt").value_or(time_of(*id));
    return chat::User{.id = chat::UserId(*id),
                      .full_name = view.text("fullName").value_or(""),
                      .username = *std::move(username),
                      .password_hash = view.text("password").value_or(""),
                      .gender = view.text("gender") == "female" ? chat::Gender::Female : chat::Gender::Male,
                      .profile_picture = view.text("profilePic").value_or(""),
                      .created_at = created_at,
                      .updated_at = view.time("updatedAt").value_or(created_at)};
}

Result<chat::Message> read_message(const bson_t& document) {
    const BsonView view(document);
    const auto id = view.id("_id");
    if (!id) return invalid("its _id is no ObjectId");
    const auto sender = view.id("senderId");
    const auto receiver = view.id("receiverId");
    if (!sender || !receiver) return invalid("its senderId or receiverId is no ObjectId");
    auto text = view.text("message");
    if (!text) return invalid("it has no text");
    const chat::Timestamp created_at = view.time("createdAt").value_or(time_of(*id));
    return chat::Message{.id = chat::MessageId(*id),
                         .sender = chat::UserId(*sender),
                         .receiver = chat::UserId(*receiver),
                         .text = *std::move(text),
                         .created_at = created_at,
                         .updated_at = view.time("updatedAt").value_or(created_at)};
}

Result<Conversation> read_conversation(const bson_t& document) {
    const BsonView view(document);
    const auto id = view.id("_id");
    if (!id) return invalid("its _id is no ObjectId");
    Conversation conversation;
    conversation.id = chat::ConversationId(*id);
    for (const auto& participant : view.ids("participants").value_or(std::vector<chat::ObjectId>())) {
        conversation.participants.emplace_back(participant);
    }
    for (const auto& message : view.ids("messages").value_or(std::vector<chat::ObjectId>())) conversation.messages.emplace_back(message);
    conversation.created_at = view.time("createdAt").value_or(time_of(*id));
    conversation.updated_at = view.time("updatedAt").value_or(conversation.created_at);
    conversation.version = static_cast<std::int32_t>(view.integer("__v").value_or(0));
    conversation.is_odd = !view.integer("__v") || view.size("messages") != conversation.messages.size();
    return conversation;
}

chat::Timestamp time_of(const chat::ObjectId& id) {
    std::int64_t seconds = 0;
    for (int i = 0; i < 4; ++i) seconds = seconds << 8 | id.bytes[static_cast<std::size_t>(i)];
    return chat::Timestamp(std::chrono::seconds(seconds));
}

}  // namespace parley::storage::mongodb
