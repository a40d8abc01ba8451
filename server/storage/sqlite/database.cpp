#include "storage/sqlite/database.hpp"

#include "storage/sqlite/conversation_store.hpp"
#include "storage/sqlite/data_folder.hpp"
#include "storage/sqlite/housekeeper.hpp"
#include "storage/sqlite/message_store.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/session_store.hpp"
#include "storage/sqlite/user_store.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {
namespace {

ConnectionOptions connection_options(const DatabaseOptions& options, std::string path) {
    return {.path = std::move(path), .vfs = options.vfs, .synchronous = options.synchronous};
}

ConnectionOptions writer_connection(ConnectionOptions options) {
    options.gather_log = true;
    return options;
}

Result<std::unique_ptr<Connection>> open_prepared(const ConnectionOptions& options) {
    TRY(auto connection, Connection::open(options));
    TRY([[maybe_unused]] const bool prepared, prepare_schema(*connection, options.path));
    return connection;
}

Result<std::string> read_database_id(Connection& connection) {
    Statement find = connection.prepare("SELECT value FROM meta WHERE key = 'database'");
    TRY([[maybe_unused]] const bool row, find.step());
    return find.text(0);
}

}  // namespace

// stop() ends their threads before any of them is destroyed.
struct Database::Parts {
    Parts(DataFolder owned, const DatabaseOptions& options, const ConnectionOptions& connecting, std::unique_ptr<Connection> connection,
          const std::string& id, chat::CommitListener& listener)
        : folder(std::move(owned)),
          housekeeper(
              connecting,
              {.checkpoint_pages = options.checkpoint_pages, .restart_pages = options.restart_pages, .sweep_every = options.sweep_every}),
          writer(std::move(connection), {.connection = writer_connection(connecting),
                                         .max_waiting = options.max_waiting_writes,
                                         .now = options.clock,
                                         .on_commit = [this](int pages) { housekeeper.wal_grew(pages); }}),
          readers(reader_connection(connecting), options.reader_threads, options.max_waiting_reads),
          users(writer, readers, id),
          messages(writer, readers, listener, id),
          sessions(writer, readers),
          conversations(writer, readers, listener, id) {}

    static ConnectionOptions reader_connection(ConnectionOptions options) {
        options.query_only = true;
        return options;
    }

    DataFolder folder;
    Housekeeper housekeeper;
    Writer writer;
    Readers readers;
    UserStore users;
    MessageStore messages;
    SessionStore sessions;
    ConversationStore conversations;
};

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options, chat::CommitListener& listener) {
    TRY(DataFolder folder, DataFolder::open(options.data_dir));
    TRY(const std::string path, folder.private_file("parley.db"));
    const ConnectionOptions connecting = connection_options(options, path);
    TRY(auto connection, open_prepared(writer_connection(connecting)));
    const auto id = read_database_id(*connection);
    if (!id) return fail(connection->explain_trouble());

    Connection& setting_up = *connection;
    auto parts = std::make_unique<Parts>(std::move(folder), options, connecting, std::move(connection), *id, listener);
    // Nothing has been submitted yet: the writer's thread leaves its connection alone.
    if (!parts->users.load(setting_up) || !parts->sessions.load(setting_up)) return fail(setting_up.explain_trouble());
    MessageStore& messages = parts->messages;
    SessionStore& sessions = parts->sessions;
    parts->housekeeper.start(parts->writer, {[&messages](Transaction& transaction) { return messages.sweep(transaction); },
                                             [&sessions](Transaction& transaction) { return sessions.sweep(transaction); }});
    return std::unique_ptr<Database>(new Database(std::move(parts)));
}

Database::Database(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Database::~Database() {
    stop();
}

chat::UserStore& Database::users() {
    return parts_->users;
}
chat::MessageStore& Database::messages() {
    return parts_->messages;
}
chat::SessionStore& Database::sessions() {
    return parts_->sessions;
}
chat::ConversationStore& Database::conversations() {
    return parts_->conversations;
}

bool Database::takes_changes() const {
    return parts_->writer.takes_changes();
}

// The writer's connection closes last: SQLite then copies the rest of the log and removes it.
void Database::stop() {
    parts_->housekeeper.stop();
    parts_->readers.stop();
    parts_->writer.stop();
}

}  // namespace parley::storage::sqlite
