// ConversationStore: whom a person talks with, and how far he has read. A port; see user_store.hpp. Conversations come into being by
// MessageStore::append, and a mark is its reader's own.
//
// Unread is what the other one wrote after the reader's mark and after the reader's own last message: who has answered has read. What was stored before
// marks were kept, and what was imported, counts as read. In notes to self nothing is unread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "chat/message_store.hpp"
#include "chat/values.hpp"
#include "parley/async/task.hpp"
#include "parley/base/result.hpp"

namespace parley::chat {

inline constexpr std::size_t kMaxUnreadCounted = 1000;  // that many or more

struct ReadState {
    std::optional<MessageId> last_read;  // the mark; none if none was ever set, whatever counts as read
    std::size_t unread = 0;              // kMaxUnreadCounted at most

    friend bool operator==(const ReadState&, const ReadState&) = default;
};

struct ConversationSummary {
    UserId peer;               // the reader himself: notes to self
    std::optional<User> user;  // who that is, password_hash left empty; none: the account is gone
    Message last_message;
    ReadState state;
};

struct ConversationPage {
    std::vector<ConversationSummary> conversations;
    std::optional<std::string>
        next;  // opaque cursor of the following page; absent at the end, and only there: a page may end before its limit
};

struct ConversationQuery {
    UserId reader;
    std::size_t limit = 100;  // conversations at most
    std::string after{};      // cursor of an earlier page, or "" for the start
};

struct ReadMark {
    UserId reader;
    UserId peer;                         // may be the reader
    std::optional<MessageId> message{};  // read up to and including it; none: everything there is
    std::string origin{};                // as Draft::origin
};

class ConversationStore {
public:
    virtual ~ConversationStore() = default;

    // Everybody with whom the reader has at least one message, latest message first. Pages that follow each other name nobody twice; whoever writes
    // meanwhile moves to the front, and may be on none of those that follow.
    // InvalidArgument: a cursor that this store did not make.
    virtual Task<Result<ConversationPage>> list(ConversationQuery query) = 0;

    // Moves the mark forward, durably before it returns, and returns what holds then. A mark never goes back: an earlier one, and the same again, change
    // and write nothing. If it moved, the CommitListener hears of it before this returns.
    // NotFound: the message is not one of this conversation. (Two who never talked have read everything.) Unavailable.
    virtual Task<Result<ReadState>> mark_read(ReadMark mark) = 0;
};

}  // namespace parley::chat
