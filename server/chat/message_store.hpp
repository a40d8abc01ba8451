// MessageStore: conversations of two (or of one, notes to self) and their messages. A port; see user_store.hpp.
//
// Order: the messages of a conversation have one order, that in which they were committed; created_at never decreases along it, and every reader
// sees a prefix of it. Across conversations commits have one order too, and the CommitListener sees it.
// Durability: append returns only after the message would survive a power cut.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chat/values.hpp"
#include "parley/async/task.hpp"
#include "parley/base/result.hpp"

namespace parley::chat {

struct Draft {
    UserId sender;
    UserId receiver;  // may be the sender
    std::string text;
    std::string client_id{};  // idempotency key, at most 128 printable ASCII characters; "" for none
    std::string origin{};     // id of the sender's socket that is not to be told ("X-Socket-Id"), or ""; handed on, not stored
};

struct Appended {
    Message message;
    bool repeated = false;  // the idempotency key was known: `message` is the first result, nothing was stored
};

// A message that has just become durable.
struct Committed {
    Message message;
    std::string client_id;
    std::string origin;
};

// A read mark that has just moved, durably; see conversation_store.hpp.
struct MarkedRead {
    UserId reader;
    UserId peer;
    MessageId last_read;
    std::size_t unread = 0;
    std::string origin;  // of the mark
};

// Hears of every newly committed message once, in commit order, before append returns; one call at a time, on whatever thread the store chooses. Must
// not block, nor call the store. Not called for repeated ones. At most once: a crash between commit and call loses the call, never the message.
// Of marks that moved it hears in the same way, and in one order with the messages.
class CommitListener {
public:
    virtual ~CommitListener() = default;
    virtual void committed(const Committed& event) = 0;
    virtual void marked_read(const MarkedRead&) {}
};

struct MessagePage {
    std::vector<Message> messages;  // ascending, whatever the direction of the query
    bool more = false;              // there are further ones in the direction of the query; a page may end before `limit`
};

struct HistoryQuery {
    UserId reader;
    UserId peer;              // may be the reader
    std::size_t limit = 200;  // messages at most
    // Opaque cursors, made by cursor_of. At most one is set. `before`: the `limit` newest messages before it; `after`: the oldest after it. Neither:
    // the `limit` oldest of all when `from_start`, else the newest.
    std::string before{};
    std::string after{};
    bool from_start = true;
};

class MessageStore {
public:
    virtual ~MessageStore() = default;

    // Both the message and its conversation's change, or neither. Creates the pair's conversation if it is the first message; there is one
    // conversation per pair, whoever starts it and however concurrently.
    // Idempotent per (sender, client_id), for at least 24 hours and across a crash: the same receiver and text return the first result with
    // `repeated`; other ones give Conflict. Concurrent duplicates wait for the first.
    // Errors: NotFound (the receiver does not exist), Conflict, Unavailable (storage cannot take it; nothing was stored).
    virtual Task<Result<Appended>> append(Draft draft) = 0;

    // InvalidArgument: a cursor that is none. A pair that never talked has an empty page.
    virtual Task<Result<MessagePage>> history(HistoryQuery query) = 0;

    // A cursor that names this message's place in its conversation; opaque, URL-safe.
    virtual std::string cursor_of(const Message& message) const = 0;

    // Changes with every message of the pair's conversation; equal versions mean an equal history, also across restarts. "" if they never talked.
    virtual Task<Result<std::string>> history_version(UserId reader, UserId peer) = 0;
};

}  // namespace parley::chat
