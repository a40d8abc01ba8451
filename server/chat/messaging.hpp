// Messaging: sending and reading. Rules only.
#pragma once

#include "chat/accounts.hpp"
#include "chat/message_store.hpp"

namespace parley::chat {

inline constexpr std::size_t kMaxClientIdCharacters = 128;

class Messaging {
public:
    Messaging(Accounts& accounts, MessageStore& messages) : accounts_(accounts), messages_(messages) {}

    // Stores the message; see MessageStore::append. Errors, with texts for people: InvalidArgument "Message cannot be empty" (a text of spaces is a
    // text) or a client id that is not at most kMaxClientIdCharacters of printable ASCII, NotFound "User not found", Conflict, Unavailable.
    Task<Result<Appended>> send(Draft draft);

    // A page of the conversation between two people; see MessageStore::history. A peer that does not exist has an empty history.
    // InvalidArgument: a cursor that is none, or two of them.
    Task<Result<MessagePage>> history(HistoryQuery query);
    Task<Result<std::string>> history_version(UserId reader, UserId peer);

private:
    Accounts& accounts_;
    MessageStore& messages_;
};

}  // namespace parley::chat
