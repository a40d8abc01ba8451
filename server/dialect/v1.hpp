// V1: the frontends of "mern-chat-app": a username and a password, a sidebar of everybody, text messages.
#pragma once

#include "dialect/dialect.hpp"

namespace parley::dialect {

class V1 final : public Dialect {
public:
    static constexpr std::string_view kName = "mern-chat-app";

    std::string_view name() const override { return kName; }
    std::span<const Route> routes() const override;
    std::string_view text(Text text) const override;

    Result<chat::SignUp> read_sign_up(const Fields& fields) const override;
    Result<LogIn> read_log_in(const Fields& fields) const override;
    Result<OutgoingMessage> read_message(Fields fields) const override;
    Result<std::optional<chat::MessageId>> read_mark(const Fields& fields) const override;

    std::string error_json(Area area, std::string_view message) const override;
    std::string logged_out_json() const override;
    std::string account_json(const chat::User& user) const override;
    void append_user(std::string& out, const chat::User& user) const override;
    void append_history_message(std::string& out, const chat::Message& message) const override;
    std::string message_json(const chat::Message& message) const override;
    std::string sent_message_json(const chat::Message& message, std::string_view client_id) const override;
    void append_conversation(std::string& out, const chat::ConversationSummary& conversation) const override;
    std::string read_state_json(chat::UserId peer, const chat::ReadState& state) const override;
};

}  // namespace parley::dialect
