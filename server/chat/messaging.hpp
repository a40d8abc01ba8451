// Messaging: sending and reading. Rules only.
#pragma once

#include "chat/accounts.hpp"
#include "chat/message_store.hpp"

namespace parley::chat {

class Messaging {
public:
    Messaging(Accounts& accounts, MessageStore& messages) : accounts_(accounts), messages_(messages) {}

    // InvalidArgument "Message cannot be empty" (a text of spaces is a text), NotFound "User not found", Conflict, Unavailable. The client id is checked
    // here as well: at most 128 printable ASCII characters.
    Task<Result<Appended>> send(Draft draft);

    // A page of the conversation between two people; see MessageStore::history. A peer that does not exist has an empty history.
    Task<Result<MessagePage>> history(HistoryQuery query);
    Task<Result<std::string>> history_version(UserId reader, UserId peer);

private:
    Accounts& accounts_;
    MessageStore& messages_;
};

}  // namespace parley::chat
