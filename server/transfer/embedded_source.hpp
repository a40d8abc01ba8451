// The embedded database of a data folder, as a source: users in the order in which they signed up, messages in the order in which they were stored,
// then conversations as Mongoose would have them.
#pragma once

#include <memory>
#include <string>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/data_folder.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// A conversation's document names so many messages at most, the latest ones. MongoDB ends a document at 16 MB, and the original reads all of it.
inline constexpr std::int64_t kMaxNamedMessages = 20'000;

class EmbeddedSource : public Source {
public:
    // Takes the folder's lock and keeps it. AlreadyExists: a server runs on it. InvalidArgument: there is no database.
    static Result<std::unique_ptr<EmbeddedSource>> open(const std::string& folder);

    std::string name() const override { return "the embedded database in " + folder_; }
    std::string fingerprint() const override { return fingerprint_; }
    Order order() const override { return Order::AsGiven; }
    Result<bool> read(Receiver& receiver, Report& report, Progress& progress) override;

private:
    using Connection = storage::sqlite::Connection;
    EmbeddedSource(std::string folder, storage::sqlite::DataFolder lock, std::unique_ptr<Connection> connection)
        : folder_(std::move(folder)), lock_(std::move(lock)), connection_(std::move(connection)) {}

    Result<bool> read_all(Receiver& receiver, Progress& progress);
    Result<bool> read_users(Receiver& receiver, Progress& progress);
    Result<bool> read_messages(Receiver& receiver, Progress& progress);
    Result<bool> read_conversations(Receiver& receiver);
    Result<bool> read_revocations(Receiver& receiver);
    Result<bool> read_marks(Receiver& receiver);
    // nullopt: it has no message.
    Result<std::optional<Conversation>> conversation_document(std::int64_t id, chat::UserId one, chat::UserId other);

    const std::string folder_;
    const storage::sqlite::DataFolder lock_;
    const std::unique_ptr<Connection> connection_;
    std::string fingerprint_;
};

// "…; stop it first" for the error of a folder that a running server has; other errors as they are.
Result<storage::sqlite::DataFolder> lock_folder(const std::string& folder);

}  // namespace parley::transfer
