#include "dialect/v1.hpp"

#include "dialect/json_text.hpp"

namespace parley::dialect {

namespace {

constexpr Route kRoutes[] = {
    {Verb::Post, "/api/auth/signup", Action::SignUp, Area::Auth},
    {Verb::Post, "/api/auth/login", Action::LogIn, Area::Auth},
    {Verb::Post, "/api/auth/logout", Action::LogOut, Area::Auth},
    {Verb::Get, "/api/auth/check", Action::Me, Area::Auth},
    {Verb::Get, "/api/auth/me", Action::Me, Area::Auth},
    {Verb::Get, "/api/users", Action::ListUsers, Area::Users},
    {Verb::Get, "/api/users/:id", Action::GetUser, Area::Users},
    {Verb::Get, "/api/messages/:id", Action::ReadMessages, Area::Messages},
    {Verb::Post, "/api/messages/send/:id", Action::SendMessage, Area::Messages},
    {Verb::Get, "/api/conversations", Action::ListConversations, Area::Messages},
    {Verb::Put, "/api/conversations/:id/read", Action::MarkRead, Area::Messages},
};

std::string_view gender_name(chat::Gender gender) {
    return gender == chat::Gender::Male ? "male" : "female";
}

// A name given as text, number or boolean; `what` is how the field is called to people.
Result<std::string> read_name(const Field& field, std::string_view what) {
    if (field.absent() || (field.is_text() && field.text.empty()))
        return fail(ErrorCode::InvalidArgument, std::string(what) + " is required");
    if (field.composite()) return fail(ErrorCode::InvalidArgument, std::string(what) + " must be a text");
    return field.text;
}

// Strictly a text: what is cast silently would be a password nobody typed.
Result<std::string> read_new_password(const Fields& fields) {
    const Field& password = fields["password"];
    const Field& confirmation = fields["confirmPassword"];
    // As JavaScript's `!==`: an object never equals another one.
    if (!(password == confirmation) || password.composite()) return fail(ErrorCode::InvalidArgument, "Passwords don't match");
    if (password.absent()) return fail(ErrorCode::InvalidArgument, "Password is required");
    if (!password.is_text()) return fail(ErrorCode::InvalidArgument, "Password must be a text");
    return password.text;
}

Result<chat::Gender> read_gender(const Field& field) {
    if (field.absent()) return fail(ErrorCode::InvalidArgument, "Gender is required");
    if (field.is_text() && field.text == "male") return chat::Gender::Male;
    if (field.is_text() && field.text == "female") return chat::Gender::Female;
    return fail(ErrorCode::InvalidArgument, "Gender must be male or female");
}

void append_parties(std::string& out, const chat::Message& message) {
    out += "\"senderId\":";
    append_id(out, message.sender);
    out += ",\"receiverId\":";
    append_id(out, message.receiver);
    out += ",\"message\":";
    append_string(out, message.text);
}

template <class Record>
void append_times(std::string& out, const Record& record) {
    out += ",\"createdAt\":";
    append_time(out, record.created_at);
    out += ",\"updatedAt\":";
    append_time(out, record.updated_at);
    out += ",\"__v\":0";
}

// Without the closing brace.
std::string open_message(const chat::Message& message) {
    std::string out;
    out.reserve(message.text.size() + 240);
    out += '{';
    append_parties(out, message);
    out += ",\"_id\":";
    append_id(out, message.id);
    append_times(out, message);
    return out;
}

void append_last_read(std::string& out, const chat::ReadState& state) {
    out += ",\"lastReadMessageId\":";
    if (state.last_read) {
        append_id(out, *state.last_read);
    } else {
        out += "null";
    }
}

void append_unread(std::string& out, const chat::ReadState& state) {
    out += ",\"unreadCount\":";
    out += std::to_string(state.unread);
}

void append_names(std::string& out, const chat::User& user) {
    out += "{\"_id\":";
    append_id(out, user.id);
    out += ",\"fullName\":";
    append_string(out, user.full_name);
    out += ",\"username\":";
    append_string(out, user.username);
}

}  // namespace

std::span<const Route> V1::routes() const {
    return kRoutes;
}

std::string_view V1::text(Text text) const {
    switch (text) {
        case Text::NoToken: return "Unauthorized - No Token Provided";
        case Text::InvalidToken: return "Unauthorized - Invalid Token";
        case Text::UserNotFound: return "User not found";
        case Text::InvalidUserId: return "Invalid user id";
        case Text::InvalidMessageId: return "Invalid message id";
        case Text::InvalidCredentials: return "Invalid username or password";
        case Text::LoggedOut: return "Logged out successfully";
        case Text::NotFound: return "Not found";
        case Text::Busy: return "The service is not available right now, please try again";
        case Text::TooManyRequests: return "Too many requests, please try again later";
        case Text::ForeignOrigin: return "Requests from this origin are not allowed";
        case Text::SignedInAsOther: return "Signed in as somebody else";
        case Text::GuardFailure: return "Internal server error!!!";
        case Text::AuthFailure: return "Internal Server Error";
        case Text::UsersFailure: return "Internal server error";
        case Text::MessagesFailure: return "Internal server error";
    }
    return "";
}

Result<chat::SignUp> V1::read_sign_up(const Fields& fields) const {
    chat::SignUp request;
    TRY(request.password, read_new_password(fields));
    TRY(request.full_name, read_name(fields["fullName"], "Full name"));
    TRY(request.username, read_name(fields["username"], "Username"));
    TRY(request.gender, read_gender(fields["gender"]));
    return request;
}

Result<LogIn> V1::read_log_in(const Fields& fields) const {
    const Field& name = fields["username"];
    const Field& password = fields["password"];
    if (!name.is_text() || !password.is_text()) return fail(ErrorCode::InvalidArgument, std::string(text(Text::InvalidCredentials)));
    return LogIn{name.text, password.text};
}

Result<OutgoingMessage> V1::read_message(Fields fields) const {
    if (fields["message"].composite()) return fail(ErrorCode::InvalidArgument, "Message must be a text");
    if (fields["clientId"].composite()) return fail(ErrorCode::InvalidArgument, "clientId must be a text");
    return OutgoingMessage{fields.take("message").text, fields.take("clientId").text};
}

// Strictly an id: null is what a program sends that has lost it, and would mean everything.
Result<std::optional<chat::MessageId>> V1::read_mark(const Fields& fields) const {
    const Field& field = fields["messageId"];
    if (field.kind == Field::Kind::Missing) return std::nullopt;
    const auto id = field.is_text() ? chat::MessageId::parse(field.text) : std::nullopt;
    if (!id) return fail(ErrorCode::InvalidArgument, std::string(text(Text::InvalidMessageId)));
    return id;
}

std::string V1::error_json(Area, std::string_view message) const {
    std::string out = "{\"error\":";
    append_string(out, message);
    out += '}';
    return out;
}

std::string V1::logged_out_json() const {
    std::string out = "{\"message\":";
    append_string(out, text(Text::LoggedOut));
    out += '}';
    return out;
}

std::string V1::account_json(const chat::User& user) const {
    std::string out;
    append_names(out, user);
    out += ",\"profilePic\":";
    append_string(out, user.profile_picture);
    out += '}';
    return out;
}

void V1::append_user(std::string& out, const chat::User& user) const {
    append_names(out, user);
    out += ",\"gender\":";
    append_string(out, gender_name(user.gender));
    out += ",\"profilePic\":";
    append_string(out, user.profile_picture);
    append_times(out, user);
    out += '}';
}

void V1::append_history_message(std::string& out, const chat::Message& message) const {
    out += "{\"_id\":";
    append_id(out, message.id);
    out += ',';
    append_parties(out, message);
    append_times(out, message);
    out += '}';
}

std::string V1::message_json(const chat::Message& message) const {
    return open_message(message) + '}';
}

std::string V1::sent_message_json(const chat::Message& message, std::string_view client_id) const {
    std::string out = open_message(message);
    if (!client_id.empty()) {
        out += ",\"clientId\":";
        append_string(out, client_id);
    }
    out += '}';
    return out;
}

void V1::append_conversation(std::string& out, const chat::ConversationSummary& conversation) const {
    out += "{\"user\":";
    if (conversation.user) {
        append_user(out, *conversation.user);
    } else {
        out += "{\"_id\":";
        append_id(out, conversation.peer);
        out += ",\"deleted\":true}";
    }
    out += ",\"lastMessage\":";
    append_history_message(out, conversation.last_message);
    out += ",\"lastActivityAt\":";
    append_time(out, conversation.last_message.created_at);
    append_unread(out, conversation.state);
    append_last_read(out, conversation.state);
    out += '}';
}

std::string V1::read_state_json(chat::UserId peer, const chat::ReadState& state) const {
    std::string out = "{\"userId\":";
    append_id(out, peer);
    append_last_read(out, state);
    append_unread(out, state);
    out += '}';
    return out;
}

}  // namespace parley::dialect
