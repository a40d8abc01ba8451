// MessageStore on MongoDB; see chat/message_store.hpp for what it promises, and docs/mongodb.md for how it is kept there.
// A send asks the database for what it does not know (does the receiver exist, is the key known, which is the conversation), on the workers, many at
// once; then the writer stores it. A cursor is a message's time and id.
#pragma once

#include <atomic>
#include <memory>

#include "chat/message_store.hpp"
#include "storage/mongodb/announcements.hpp"
#include "storage/mongodb/conversations.hpp"
#include "storage/mongodb/idempotency.hpp"
#include "storage/mongodb/known_users.hpp"
#include "storage/mongodb/message_writer.hpp"
#include "storage/mongodb/read_ahead.hpp"
#include "storage/mongodb/tender.hpp"
#include "storage/mongodb/workers.hpp"

namespace parley::storage::mongodb {

class MessageStore : public chat::MessageStore {
public:
    static constexpr std::size_t kMaxWaitingBytes = 128 * 1024 * 1024;
    static constexpr std::size_t kMaxTextBytes = 15 * 1024 * 1024;  // a document has at most 16 MiB

    // What it stands on; see the headers.
    struct Parts {
        Workers& workers;
        KnownUsers& users;
        Conversations& conversations;
        Announcements& announcements;
        Tender& tender;
        MessageWriter& writer;
        // Any thread: whether others' messages are heard of as they are stored.
        std::function<bool()> others_are_heard;
    };
    MessageStore(Parts parts, chat::Clock clock) : parts_(std::move(parts)), idempotency_(std::move(clock)) {}

    // TooLarge: a text over kMaxTextBytes. Unavailable: also when kMaxWaitingBytes of texts are on their way already.
    Task<Result<chat::Appended>> append(chat::Draft draft) override;
    Task<Result<chat::MessagePage>> history(chat::HistoryQuery query) override;
    std::string cursor_of(const chat::Message& message) const override;
    Task<Result<std::string>> history_version(chat::UserId reader, chat::UserId peer) override;

    static std::vector<std::pair<const char*, Index>> indexes();

private:
    // What is known before a message is stored.
    struct Prepared {
        std::optional<chat::MessageId> reserved;  // the _id that the draft's key stands for, if it has one
        std::optional<chat::Message> stored;      // that one is there already
    };
    Task<Result<chat::Appended>> append_counted(std::shared_ptr<const chat::Draft> draft);
    bool needs_no_questions(const chat::Draft& draft) const;
    Result<Prepared> prepare(Client& client, const chat::Draft& draft);
    Result<bool> check_receiver(Client& client, chat::UserId receiver);
    Result<bool> learn(Client& client, const Pair& pair);
    static Result<std::optional<chat::Message>> find_stored(Client& client, chat::MessageId id);

    Parts parts_;
    ReadAhead read_ahead_;
    std::atomic<std::size_t> waiting_bytes_{0};
    Idempotency idempotency_;
};

}  // namespace parley::storage::mongodb
