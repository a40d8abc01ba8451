#include "storage/sqlite/schema.hpp"

#include <fmt/core.h>

#include <array>

namespace parley::storage::sqlite {
namespace {

constexpr int kApplicationId = 0x50726c79;  // "Prly"

// Applied in order and never changed once released: what changes later is a further entry.
constexpr std::array kMigrations = {
    // 1: accounts, conversations, messages, idempotency, sessions
    R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('database', randomblob(12)), ('directory', 0);

-- position: the order in which people signed up; never used again (AUTOINCREMENT), so that a cursor skips nobody.
-- imported: names from elsewhere, whose keys may collide with each other. *_search: folded, for finding parts of them.
CREATE TABLE users(
    position INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, username TEXT NOT NULL UNIQUE, username_key TEXT NOT NULL,
    imported INTEGER NOT NULL DEFAULT 0, full_name TEXT NOT NULL, full_name_search TEXT NOT NULL, username_search TEXT NOT NULL, password_hash TEXT NOT NULL,
    gender INTEGER NOT NULL, profile_picture TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);
CREATE UNIQUE INDEX users_claimed_key ON users(username_key) WHERE imported = 0;
CREATE INDEX users_key ON users(username_key, position);
CREATE TRIGGER users_added AFTER INSERT ON users BEGIN UPDATE meta SET value = value + 1 WHERE key = 'directory'; END;
CREATE TRIGGER users_changed AFTER UPDATE ON users BEGIN UPDATE meta SET value = value + 1 WHERE key = 'directory'; END;
CREATE TRIGGER users_removed AFTER DELETE ON users BEGIN UPDATE meta SET value = value + 1 WHERE key = 'directory'; END;

-- kind 1: of two people, or of one with himself. pair: both ids, the smaller first; NULL for kinds to come.
CREATE TABLE conversations(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, pair BLOB UNIQUE, created_ms INTEGER NOT NULL);
CREATE TABLE members(
    conversation INTEGER NOT NULL REFERENCES conversations(id), user BLOB NOT NULL, PRIMARY KEY(conversation, user)) WITHOUT ROWID;
CREATE INDEX members_user ON members(user, conversation);

-- position: the commit order of all messages. seq: the order within the conversation, from 1, without gaps.
CREATE TABLE messages(
    position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, conversation INTEGER NOT NULL REFERENCES conversations(id), seq INTEGER NOT NULL,
    sender BLOB NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(conversation, seq));

-- position: of the message that the key made. Oldest first by position, which is the order of sweeping.
CREATE TABLE idempotency(
    position INTEGER PRIMARY KEY REFERENCES messages(position), sender BLOB NOT NULL, client_id TEXT NOT NULL, created_ms INTEGER NOT NULL,
    UNIQUE(sender, client_id));

CREATE TABLE revocations(session TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX revocations_expiry ON revocations(expires_ms);
-- seen: 1, 2, 3 … within a user; the highest is the address of the latest login.
CREATE TABLE login_addresses(user BLOB NOT NULL, address TEXT NOT NULL, seen INTEGER NOT NULL, PRIMARY KEY(user, address)) WITHOUT ROWID;
)sql",
    // 2: read marks
    R"sql(
-- read_seq: of the last message that the member has marked as read; 0 for none.
ALTER TABLE members ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
-- Messages up to this position count as read without a mark: those that are here already, later those that an import brings.
INSERT INTO meta VALUES('read_until', (SELECT ifnull(max(position), 0) FROM messages));
)sql",
};

Result<bool> check_ours(Connection& connection, const std::string& path, std::int64_t version) {
    TRY(const auto application, connection.query_integer("PRAGMA application_id"));
    TRY(const auto tables, connection.query_integer("SELECT count(*) FROM sqlite_schema"));
    const bool fresh = version == 0 && application == 0 && tables == 0;
    if (!fresh && application != kApplicationId) {
        return fail(ErrorCode::InvalidArgument, fmt::format("{} is a database of another program; choose another data folder", path));
    }
    if (version > newest_schema_version()) {
        return fail(
            ErrorCode::Conflict,
            fmt::format("{} was written by a newer version of this server (its schema is {}, this one knows {}); start that version", path,
                        version, newest_schema_version()));
    }
    return true;
}

Result<bool> switch_to_wal(Connection& connection, const std::string& path) {
    Statement statement = connection.prepare("PRAGMA journal_mode=WAL");
    TRY([[maybe_unused]] const bool row, statement.step());
    if (statement.text(0) != "wal") {
        return fail(ErrorCode::Unavailable, fmt::format("{} cannot use a write-ahead log; keep the data folder on a local disk", path));
    }
    return true;
}

Result<bool> migrate(Connection& connection, std::size_t from) {
    for (std::size_t version = from; version < kMigrations.size(); ++version) {
        const std::string script = fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                                               kMigrations[version], kApplicationId, version + 1);
        if (auto done = connection.execute(script.c_str()); !done) {
            if (connection.in_transaction()) (void)connection.execute("ROLLBACK");
            return done;
        }
    }
    return true;
}

}  // namespace

int newest_schema_version() {
    return static_cast<int>(kMigrations.size());
}

Result<bool> prepare_schema(Connection& connection, const std::string& path) {
    const auto prepare = [&]() -> Result<bool> {
        TRY(const auto version, connection.query_integer("PRAGMA user_version"));
        TRY([[maybe_unused]] const bool ours, check_ours(connection, path, version));
        TRY([[maybe_unused]] const bool wal, switch_to_wal(connection, path));
        return migrate(connection, static_cast<std::size_t>(version));
    };
    auto prepared = prepare();
    if (!prepared && connection.trouble() != Trouble::None) return fail(connection.explain_trouble());
    return prepared;
}

}  // namespace parley::storage::sqlite
