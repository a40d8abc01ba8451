// BulkLoader: fills an empty database in one transaction: it holds everything afterwards or, after an error or a crash, still nothing.
// No stores run on it meanwhile: whoever loads owns the data folder.
// A load has a token, stored with it, by which somebody who starts again can tell that it was finished.
// Threading: one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "chat/values.hpp"
#include "parley/base/result.hpp"
#include "storage/lru_cache.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/data_folder.hpp"

namespace parley::storage::sqlite {

class BulkLoader {
public:
    // Opens the folder's database or makes it, and brings its schema up to date. Errors: those of Database::open but the lock's.
    static Result<std::unique_ptr<BulkLoader>> open(const DataFolder& folder);

    // Whether it has neither users nor conversations.
    Result<bool> empty();
    // Of the load that was committed; "" if there was none.
    Result<std::string> finished_token();

    enum class Added : std::uint8_t { Stored, IdTaken, NameTaken };

    // begin(), then any of the others, then commit(). Users sign up in the order of the calls; the messages of a conversation come in their
    // order, with times that do not decrease. Names are stored as they are, also when their keys collide. What is taken changes nothing.
    // Everything counts as read afterwards.
    // Unavailable: storage; see explain(). Destroying the loader before commit() has returned true undoes everything.
    Result<bool> begin();
    Result<Added> add(const chat::User& user);
    Result<Added> add(const chat::Message& message);
    Result<bool> add_revocation(const std::string& session, chat::Timestamp expires_at);
    // After its message. False: the message is not there, or not of these two. The latest of several marks counts.
    Result<bool> add_read_mark(chat::UserId reader, chat::UserId peer, chat::MessageId message);
    Result<bool> commit(const std::string& token);

    // For questions about what is stored.
    Connection& connection() { return *connection_; }
    // The last error as a sentence for the operator.
    Error explain() const;

private:
    // Both ids, the smaller first.
    using Pair = std::string;
    struct Conversation {
        std::int64_t id = 0;
        std::int64_t last_seq = 0;
    };

    BulkLoader(std::unique_ptr<Connection> connection, std::string path) : connection_(std::move(connection)), path_(std::move(path)) {}
    Result<bool> exists(std::string_view sql, const chat::ObjectId& id);
    Result<Conversation*> get_conversation(const chat::Message& message);
    Result<Conversation> find_or_create(const Pair& pair, const chat::Message& message);
    Result<bool> remove_empty_conversations();

    std::unique_ptr<Connection> connection_;
    const std::string path_;
    LruCache<Pair, Conversation> conversations_{100'000};
    bool ids_taken_ = false;  // of a message
};

}  // namespace parley::storage::sqlite
