// Dialect: all that one family of frontends expects to be called, shaped and worded in its own way. Controllers and the realtime side ask it; they hold no
// route, no JSON key and no error text of their own.
// Threading: immutable, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chat/accounts.hpp"
#include "chat/conversation_store.hpp"
#include "chat/values.hpp"
#include "dialect/fields.hpp"
#include "parley/base/result.hpp"

namespace parley::dialect {

enum class Verb : std::uint8_t { Get, Post, Put };

// What can be asked for.
enum class Action : std::uint8_t { SignUp, LogIn, LogOut, Me, ListUsers, GetUser, ReadMessages, SendMessage, ListConversations, MarkRead };

// Parts of the API: frontends of some families expect another error shape in each.
enum class Area : std::uint8_t { Auth, Users, Messages, Other };

struct Route {
    Verb verb;
    std::string_view pattern;  // "/api/messages/send/:id": segments; ":id" takes one
    Action action;
    Area area;
};

// Texts that people read.
enum class Text : std::uint8_t {
    NoToken,
    InvalidToken,
    UserNotFound,
    InvalidUserId,
    InvalidMessageId,
    InvalidCredentials,
    LoggedOut,
    NotFound,
    Busy,
    TooManyRequests,
    ForeignOrigin,
    SignedInAsOther,
    // What the original answers with 500, for those who want its statuses back.
    GuardFailure,
    AuthFailure,
    UsersFailure,
    MessagesFailure,
};

struct LogIn {
    std::string name;
    std::string password;
};

struct OutgoingMessage {
    std::string text;       // "" if there was none: the chat refuses it in its own words
    std::string client_id;  // "" if there was none
};

class Dialect {
public:
    virtual ~Dialect() = default;

    virtual std::string_view name() const = 0;
    virtual std::span<const Route> routes() const = 0;
    virtual std::string_view text(Text text) const = 0;

    // The text of an internal failure in that area.
    std::string_view failure(Area area) const;

    // Requests. InvalidArgument with a text for people, naming the field.
    virtual Result<chat::SignUp> read_sign_up(const Fields& fields) const = 0;
    virtual Result<LogIn> read_log_in(const Fields& fields) const = 0;
    virtual Result<OutgoingMessage> read_message(Fields fields) const = 0;
    // Up to which message; none: all there are.
    virtual Result<std::optional<chat::MessageId>> read_mark(const Fields& fields) const = 0;

    // Answers, as JSON text.
    virtual std::string error_json(Area area, std::string_view message) const = 0;
    virtual std::string logged_out_json() const = 0;
    // To the user himself: sign-up, log-in, who am I.
    virtual std::string account_json(const chat::User& user) const = 0;
    // One entry of the directory.
    virtual void append_user(std::string& out, const chat::User& user) const = 0;
    // One entry of a conversation read back.
    virtual void append_history_message(std::string& out, const chat::Message& message) const = 0;
    // A message just sent: the answer to the sender, and the argument of `newMessage`.
    virtual std::string message_json(const chat::Message& message) const = 0;
    // The argument of `messageSent`: the same, with "clientId" if there is one.
    virtual std::string sent_message_json(const chat::Message& message, std::string_view client_id) const = 0;
    // One entry of a person's conversations.
    virtual void append_conversation(std::string& out, const chat::ConversationSummary& conversation) const = 0;
    // How far a person has read the conversation with that peer: the answer to a mark, and the argument of `conversationRead`.
    virtual std::string read_state_json(chat::UserId peer, const chat::ReadState& state) const = 0;
};

// By the name that --dialect takes: "mern-chat-app". InvalidArgument, naming those there are.
Result<std::unique_ptr<Dialect>> make_dialect(std::string_view name);

}  // namespace parley::dialect
