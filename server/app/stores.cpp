#include "app/stores.hpp"

#include "parley/base/log.hpp"
#include "storage/memory/conversation_store.hpp"
#include "storage/memory/message_store.hpp"
#include "storage/memory/session_store.hpp"
#include "storage/memory/user_store.hpp"
#include "storage/mongodb/database.hpp"
#include "storage/sqlite/data_folder.hpp"
#include "storage/sqlite/database.hpp"
#include "transfer/embedded_import.hpp"

namespace parley::app {
namespace {

class MemoryStores : public Stores {
public:
    chat::UserStore& users() override { return users_; }
    chat::MessageStore& messages() override { return messages_; }
    chat::SessionStore& sessions() override { return sessions_; }
    chat::ConversationStore& conversations() override { return conversations_; }
    bool ready() const override { return true; }
    void stop() override {}

private:
    storage::MemoryUserStore users_;
    storage::MemoryMessageStore messages_{users_, announcer_};
    storage::MemorySessionStore sessions_;
    storage::MemoryConversationStore conversations_{users_, messages_, announcer_};
};

class SqliteStores : public Stores {
public:
    Result<bool> open(const std::string& data_dir) {
        storage::sqlite::DatabaseOptions options;
        options.data_dir = data_dir;
        if (transfer::import_left_behind(data_dir)) {
            log::warn("an import into {} has not ended: what it was to bring is missing; stop, and start it again", data_dir);
        }
        TRY(database_, storage::sqlite::Database::open(std::move(options), announcer_));
        return true;
    }
    chat::UserStore& users() override { return database_->users(); }
    chat::MessageStore& messages() override { return database_->messages(); }
    chat::SessionStore& sessions() override { return database_->sessions(); }
    chat::ConversationStore& conversations() override { return database_->conversations(); }
    bool ready() const override { return database_->takes_changes(); }
    void stop() override { database_->stop(); }

private:
    std::unique_ptr<storage::sqlite::Database> database_;
};

class MongoStores : public Stores {
public:
    Result<bool> open(const Options& all) {
        if (all.auth.jwt_secret.empty()) {  // one will be kept in the data folder
            TRY(auto folder, storage::sqlite::DataFolder::open(all.server.data_dir));
            folder_.emplace(std::move(folder));
        }
        storage::mongodb::DatabaseOptions options;
        options.uri = all.storage.mongodb_uri;
        options.conversation_cap = all.storage.conversation_cap;
        TRY(database_, storage::mongodb::Database::open(std::move(options), announcer_, changes_));
        return true;
    }
    chat::UserStore& users() override { return database_->users(); }
    chat::MessageStore& messages() override { return database_->messages(); }
    chat::SessionStore& sessions() override { return database_->sessions(); }
    chat::ConversationStore& conversations() override { return database_->conversations(); }
    bool ready() const override { return database_->ready(); }
    void expect_stop() override { database_->expect_stop(); }
    void stop() override { database_->stop(); }

private:
    std::optional<storage::sqlite::DataFolder> folder_;
    std::unique_ptr<storage::mongodb::Database> database_;
};

}  // namespace

Result<std::unique_ptr<Stores>> Stores::open(const Options& options) {
    switch (options.storage.chosen()) {
        case StorageKind::Memory: return std::make_unique<MemoryStores>();
        case StorageKind::MongoDb: {
            auto stores = std::make_unique<MongoStores>();
            TRY([[maybe_unused]] const bool opened, stores->open(options));
            return stores;
        }
        default: {
            auto stores = std::make_unique<SqliteStores>();
            TRY([[maybe_unused]] const bool opened, stores->open(options.server.data_dir));
            return stores;
        }
    }
}

}  // namespace parley::app
