#include "ceilings/commit_database.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bench {
namespace {

constexpr const char* kSettings =
    "PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=16777216; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
    "temp_store=MEMORY;"
    "PRAGMA cache_size=-2000";

constexpr const char* kTables = R"sql(
CREATE TABLE conversations(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, pair BLOB UNIQUE, created_ms INTEGER NOT NULL);
CREATE TABLE messages(
    position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, conversation INTEGER NOT NULL REFERENCES conversations(id), seq INTEGER NOT NULL,
    sender BLOB NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(conversation, seq));
CREATE TABLE idempotency(
    position INTEGER PRIMARY KEY REFERENCES messages(position), sender BLOB NOT NULL, client_id TEXT NOT NULL, created_ms INTEGER NOT NULL,
    UNIQUE(sender, client_id));
)sql";

constexpr std::string_view kText = "A message of ordinary length, about one hundred bytes in all, as people write them to each other.";

// 12 bytes that grow with `number`, as ids that begin with the time do.
std::array<char, 12> make_id(std::uint64_t number) {
    std::array<char, 12> id{'b', 'e', 'n', 'c'};
    for (std::size_t i = 0; i < sizeof(number); ++i) id[i + 4] = static_cast<char>(number >> (56 - 8 * i));
    return id;
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void bind_blob(sqlite3_stmt* statement, int index, const std::array<char, 12>& id) {
    sqlite3_bind_blob(statement, index, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
}

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void remove_files(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
}

}  // namespace

CommitDatabase::CommitDatabase(std::string path, std::size_t conversations, bool keys) : path_(std::move(path)), keys_(keys) {
    open();
    make_conversations(conversations);
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    message_ =
        prepare("INSERT INTO messages(id, conversation, seq, sender, created_ms, updated_ms, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    find_key_ = prepare(
        "SELECT m.id, m.created_ms, m.updated_ms, m.body, c.pair FROM idempotency i JOIN messages m ON m.position = i.position"
        " JOIN conversations c ON c.id = m.conversation WHERE i.sender = ?1 AND i.client_id = ?2");
    key_ = prepare("INSERT INTO idempotency(position, sender, client_id, created_ms) VALUES(?1, ?2, ?3, ?4)");
    checkpoint();
}

CommitDatabase::~CommitDatabase() {
    for (Statement* statement : {&begin_, &commit_, &message_, &find_key_, &key_}) statement->reset();
    database_.reset();
    remove_files(path_);
}

void CommitDatabase::open() {
    remove_files(path_);
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const int code = sqlite3_open_v2(path_.c_str(), &database, flags, nullptr);
    database_.reset(database);
    if (code != SQLITE_OK) refuse();
    execute(kSettings);
    // The hook takes the place of automatic checkpoints.
    const auto remember = [](void* pages, sqlite3*, const char*, int count) { return *static_cast<int*>(pages) = count, SQLITE_OK; };
    sqlite3_wal_hook(database_.get(), remember, &log_pages_);
    execute(kTables);
}

void CommitDatabase::make_conversations(std::size_t count) {
    execute("BEGIN");
    const Statement insert = prepare("INSERT INTO conversations(kind, pair, created_ms) VALUES(1, ?1, ?2)");
    for (std::size_t i = 0; i < count; ++i) {
        bind_blob(insert.get(), 1, make_id(i));
        sqlite3_bind_int64(insert.get(), 2, now_ms());
        run(insert.get());
    }
    execute("COMMIT");
    last_seq_.resize(count);
}

void CommitDatabase::commit(std::size_t rows) {
    run(begin_.get());
    for (std::size_t i = 0; i < rows; ++i) {
        insert_message();
        if (keys_) insert_key();
        ++messages_;
    }
    run(commit_.get());
}

void CommitDatabase::insert_message() {
    const std::size_t conversation = messages_ % last_seq_.size();
    const auto id = make_id(messages_);
    const auto sender = make_id(conversation);
    const std::int64_t now = now_ms();
    sqlite3_stmt* const insert = message_.get();
    bind_blob(insert, 1, id);
    sqlite3_bind_int64(insert, 2, static_cast<std::int64_t>(conversation) + 1);
    sqlite3_bind_int64(insert, 3, ++last_seq_[conversation]);
    bind_blob(insert, 4, sender);
    sqlite3_bind_int64(insert, 5, now);
    sqlite3_bind_int64(insert, 6, now);
    bind_text(insert, 7, kText);
    run(insert);
}

// Of the message that was stored last; before it there is the look whether the key is known.
void CommitDatabase::insert_key() {
    const std::int64_t position = sqlite3_last_insert_rowid(database_.get());
    const auto sender = make_id(messages_ % last_seq_.size());
    const std::string client_id = "client-id-" + std::to_string(messages_);
    bind_blob(find_key_.get(), 1, sender);
    bind_text(find_key_.get(), 2, client_id);
    run(find_key_.get());

    sqlite3_bind_int64(key_.get(), 1, position);
    bind_blob(key_.get(), 2, sender);
    bind_text(key_.get(), 3, client_id);
    sqlite3_bind_int64(key_.get(), 4, now_ms());
    run(key_.get());
}

void CommitDatabase::checkpoint() {
    if (sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr) != SQLITE_OK) refuse();
    log_pages_ = 0;
}

void CommitDatabase::execute(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) refuse();
}

CommitDatabase::Statement CommitDatabase::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) refuse();
    return Statement(statement);
}

void CommitDatabase::run(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK) refuse();
}

void CommitDatabase::refuse() {
    throw std::runtime_error(path_ + ": " + sqlite3_errmsg(database_.get()));
}

}  // namespace bench
