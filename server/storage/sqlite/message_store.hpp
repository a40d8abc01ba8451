// MessageStore on SQLite; see chat/message_store.hpp for what it promises.
// A cursor is a message's id: it is looked up, and refused if the message is not of the conversation that is read.
// A page ends early, with `more`, when its texts reach kPageBytes: a page's memory is bounded whatever its limit.
#pragma once

#include <string>

#include "chat/message_store.hpp"
#include "chat/pair.hpp"
#include "parley/base/encoding.hpp"
#include "storage/lru_cache.hpp"
#include "storage/sqlite/conversation_versions.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {

class MessageStore : public chat::MessageStore {
public:
    static constexpr std::size_t kPageBytes = 1024 * 1024;
    static constexpr std::chrono::hours kKeysKeptFor{25};  // idempotency keys: a little over the promised 24

    // The listener outlives the writer's thread. database_id: see UserStore.
    MessageStore(Writer& writer, Readers& readers, chat::CommitListener& listener, const std::string& database_id)
        : writer_(writer), readers_(readers), listener_(listener), version_prefix_(base64url_encode(database_id) + '-') {}

    Task<Result<chat::Appended>> append(chat::Draft draft) override;
    Task<Result<chat::MessagePage>> history(chat::HistoryQuery query) override;
    std::string cursor_of(const chat::Message& message) const override;
    Task<Result<std::string>> history_version(chat::UserId reader, chat::UserId peer) override;

    // Forgets some idempotency keys that are old enough; true if there may be more. On the writer's thread.
    Result<bool> sweep(Transaction& transaction);

private:
    static constexpr std::size_t kRemembered = 16'384;  // conversations, and users: about 200 bytes each

    struct Conversation {
        std::int64_t id = 0;
        std::int64_t last_seq = 0;
        chat::Timestamp last_created_at;
    };
    class Append;
    // What is to be answered, and what the conversation is now; of a repeated one there is nothing new to say.
    struct Stored {
        chat::Appended appended;
        ConversationVersion version{};
    };

    // The writer's side: what append does in a transaction, and what follows its commit.
    Result<Stored> append_in(Transaction& transaction, const chat::Draft& draft);
    void announce(Stored& stored, chat::Draft& draft);
    Result<std::optional<chat::Appended>> find_first_result(Connection& connection, const chat::Draft& draft);
    Result<bool> check_receiver(Connection& connection, chat::UserId receiver);
    Result<Conversation*> get_conversation(Transaction& transaction, const chat::Draft& draft);
    Result<Conversation> create_conversation(Transaction& transaction, const chat::Pair& pair, const chat::Draft& draft);
    Result<bool> insert_message(Connection& connection, const Conversation& conversation, const chat::Message& message,
                                std::string_view text);
    Result<bool> insert_key(Transaction& transaction, const chat::Draft& draft);

    // The readers' side.
    static Result<std::optional<std::int64_t>> find_conversation(Connection& connection, const chat::Pair& pair);
    static Result<ConversationVersion> find_version(Connection& connection, const chat::Pair& pair);
    static Result<chat::MessagePage> read_page(Connection& connection, const chat::HistoryQuery& query);

    Writer& writer_;
    Readers& readers_;
    chat::CommitListener& listener_;
    const std::string version_prefix_;  // the database's: those of another one are not mistaken for this one's
    ConversationVersions versions_;

    // The writer's thread only: what it remembers of the database, as of `epoch_`.
    std::uint64_t epoch_ = 0;
    LruCache<chat::Pair, Conversation, chat::PairHash> conversations_{kRemembered};
    LruCache<chat::UserId, bool> receivers_{kRemembered};
};

}  // namespace parley::storage::sqlite
