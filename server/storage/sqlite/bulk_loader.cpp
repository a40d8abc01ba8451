#include "storage/sqlite/bulk_loader.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "chat/username.hpp"
#include "storage/sqlite/schema.hpp"

namespace parley::storage::sqlite {
namespace {

// Two indexes of all messages grow in an order of their own: while they fit, no page is written twice.
constexpr const char* kLoadSettings = "PRAGMA cache_size=-65536";

constexpr const char* kAllIsRead = "UPDATE meta SET value = (SELECT ifnull(max(position), 0) FROM messages) WHERE key = 'read_until'";

constexpr int kKindPair = 1;

std::string pair_of(const chat::ObjectId& one, const chat::ObjectId& other) {
    const auto& [smaller, larger] = std::minmax(one, other);
    std::string pair(smaller.bytes.begin(), smaller.bytes.end());
    pair.append(larger.bytes.begin(), larger.bytes.end());
    return pair;
}

}  // namespace

Result<std::unique_ptr<BulkLoader>> BulkLoader::open(const DataFolder& folder) {
    TRY(std::string path, folder.private_file("parley.db"));
    TRY(auto connection, Connection::open({.path = path}));
    TRY([[maybe_unused]] const bool prepared, prepare_schema(*connection, path));
    TRY([[maybe_unused]] const bool set, connection->execute(kLoadSettings));
    return std::unique_ptr<BulkLoader>(new BulkLoader(std::move(connection), std::move(path)));
}

Result<bool> BulkLoader::empty() {
    TRY(const auto rows, connection_->query_integer("SELECT EXISTS(SELECT 1 FROM users) OR EXISTS(SELECT 1 FROM conversations)"));
    return rows == 0;
}

Result<std::string> BulkLoader::finished_token() {
    Statement find = connection_->prepare("SELECT value FROM meta WHERE key = 'import'");
    TRY(const bool row, find.step());
    return row ? find.text(0) : std::string();
}

Result<bool> BulkLoader::begin() {
    return connection_->execute("BEGIN IMMEDIATE");
}

Result<BulkLoader::Added> BulkLoader::add(const chat::User& user) {
    TRY(const bool id_taken, exists("SELECT 1 FROM users WHERE id = ?1", user.id));
    if (id_taken) return Added::IdTaken;
    const std::string key = chat::username_key(user.username);
    const std::string full_name_search = chat::search_key(user.full_name);
    const std::string username_search = chat::search_key(user.username);
    // The id is free, so the only thing that can be in the way is the name.
    Statement insert = connection_->prepare(
        "INSERT INTO users(id, username, username_key, imported, full_name, full_name_search, username_search, password_hash, gender,"
        " profile_picture, created_ms, updated_ms) VALUES(?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(username) DO "
        "NOTHING");
    insert.bind(user.id, user.username, key, user.full_name, full_name_search, username_search, user.password_hash,
                user.gender == chat::Gender::Male ? 0 : 1, user.profile_picture, user.created_at, user.updated_at);
    TRY([[maybe_unused]] const bool ran, insert.run());
    return connection_->changed_rows() == 1 ? Added::Stored : Added::NameTaken;
}

Result<BulkLoader::Added> BulkLoader::add(const chat::Message& message) {
    TRY(Conversation* const conversation, get_conversation(message));
    Statement insert = connection_->prepare(
        "INSERT INTO messages(id, conversation, seq, sender, created_ms, updated_ms, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT(id) DO NOTHING");
    insert.bind(message.id, conversation->id, conversation->last_seq + 1, message.sender, message.created_at, message.updated_at,
                message.text);
    TRY([[maybe_unused]] const bool ran, insert.run());
    if (connection_->changed_rows() == 0) {
        ids_taken_ = true;
        return Added::IdTaken;
    }
    ++conversation->last_seq;
    return Added::Stored;
}

Result<bool> BulkLoader::add_revocation(const std::string& session, chat::Timestamp expires_at) {
    Statement insert = connection_->prepare(
        "INSERT INTO revocations(session, expires_ms) VALUES(?1, ?2)"
        " ON CONFLICT(session) DO UPDATE SET expires_ms = max(expires_ms, excluded.expires_ms)");
    insert.bind(session, expires_at);
    return insert.run();
}

Result<bool> BulkLoader::add_read_mark(chat::UserId reader, chat::UserId peer, chat::MessageId message) {
    const Pair pair = pair_of(reader, peer);
    std::int64_t conversation = 0;
    std::int64_t seq = 0;
    {
        Statement find = connection_->prepare(
            "SELECT c.id, m.seq FROM messages m CROSS JOIN conversations c ON c.id = m.conversation WHERE m.id = ?1 AND c.pair = ?2");
        find.bind(message, Blob{pair});
        TRY(const bool row, find.step());
        if (!row) return false;
        conversation = find.integer(0);
        seq = find.integer(1);
    }
    Statement mark = connection_->prepare("UPDATE members SET read_seq = max(read_seq, ?3) WHERE conversation = ?1 AND user = ?2");
    mark.bind(conversation, reader, seq);
    return mark.run();
}

Result<bool> BulkLoader::commit(const std::string& token) {
    if (ids_taken_) {
        TRY([[maybe_unused]] const bool removed, remove_empty_conversations());
    }
    {
        Statement remember = connection_->prepare("INSERT INTO meta(key, value) VALUES('import', ?1) ON CONFLICT DO UPDATE SET value = ?1");
        remember.bind(token);
        TRY([[maybe_unused]] const bool remembered, remember.run());
    }
    TRY([[maybe_unused]] const bool read, connection_->execute(kAllIsRead));
    return connection_->execute("COMMIT");
}

// A conversation is made before its first message, whose id may turn out to be taken.
Result<bool> BulkLoader::remove_empty_conversations() {
    constexpr const char* kScript =
        "DELETE FROM members WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation = members.conversation);"
        "DELETE FROM conversations WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation = conversations.id)";
    return connection_->execute(kScript);
}

Error BulkLoader::explain() const {
    if (connection_->last_error().message.contains("full")) {
        return {ErrorCode::Unavailable, fmt::format("there is no space left for {}; make room and start again", path_)};
    }
    return connection_->explain_trouble();
}

Result<bool> BulkLoader::exists(std::string_view sql, const chat::ObjectId& id) {
    Statement find = connection_->prepare(sql);
    find.bind(id);
    return find.step();
}

Result<BulkLoader::Conversation*> BulkLoader::get_conversation(const chat::Message& message) {
    const Pair pair = pair_of(message.sender, message.receiver);
    if (Conversation* const known = conversations_.find(pair)) return known;
    TRY(const Conversation conversation, find_or_create(pair, message));
    return conversations_.put(pair, conversation);
}

Result<BulkLoader::Conversation> BulkLoader::find_or_create(const Pair& pair, const chat::Message& message) {
    {
        Statement find = connection_->prepare(
            "SELECT id, ifnull((SELECT max(seq) FROM messages WHERE conversation = c.id), 0) FROM conversations c WHERE pair = ?1");
        find.bind(Blob{pair});
        TRY(const bool row, find.step());
        if (row) return Conversation{find.integer(0), find.integer(1)};
    }
    Statement insert = connection_->prepare("INSERT INTO conversations(kind, pair, created_ms) VALUES(?1, ?2, ?3)");
    insert.bind(kKindPair, Blob{pair}, message.created_at);
    TRY([[maybe_unused]] const bool stored, insert.run());
    const std::int64_t id = connection_->last_insert_position();
    for (const auto& member : {message.sender, message.receiver}) {
        Statement join = connection_->prepare("INSERT OR IGNORE INTO members(conversation, user) VALUES(?1, ?2)");
        join.bind(id, member);
        TRY([[maybe_unused]] const bool joined, join.run());
    }
    return Conversation{.id = id};
}

}  // namespace parley::storage::sqlite
