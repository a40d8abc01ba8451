#include "transfer/embedded_source.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <limits>

#include "parley/base/encoding.hpp"
#include "storage/sqlite/schema.hpp"
#include "transfer/progress.hpp"

namespace parley::transfer {
namespace {

using storage::sqlite::Statement;

constexpr std::size_t kIdBytes = 12;

chat::UserId user_id(std::string_view bytes) {
    chat::UserId id;
    std::copy_n(bytes.begin(), std::min(bytes.size(), id.bytes.size()), id.bytes.begin());
    return id;
}

// Of the pair's two ids.
chat::UserId other_of(std::string_view pair, const chat::UserId& one) {
    const chat::UserId first = user_id(pair.substr(0, kIdBytes));
    return first == one ? user_id(pair.substr(kIdBytes)) : first;
}

Result<std::string> fingerprint_of(storage::sqlite::Connection& connection) {
    Statement find = connection.prepare(
        "SELECT (SELECT value FROM meta WHERE key = 'database'), (SELECT value FROM meta WHERE key = 'directory'),"
        " (SELECT max(position) FROM messages), (SELECT ifnull(sum(read_seq), 0) FROM members)");
    TRY([[maybe_unused]] const bool row, find.step());
    return fmt::format("embedded {} {} {} {}", hex_encode(find.bytes(0)), find.integer(1), find.integer(2), find.integer(3));
}

}  // namespace

Result<storage::sqlite::DataFolder> lock_folder(const std::string& folder) {
    auto lock = storage::sqlite::DataFolder::open(folder);
    if (!lock && lock.error().code == ErrorCode::AlreadyExists) {
        return fail(ErrorCode::AlreadyExists, lock.error().message + "; stop it first, so that nothing changes meanwhile");
    }
    return lock;
}

Result<std::unique_ptr<EmbeddedSource>> EmbeddedSource::open(const std::string& folder) {
    const std::string path = (std::filesystem::path(folder) / "parley.db").string();
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return fail(ErrorCode::InvalidArgument, fmt::format("{} holds no embedded database (there is no parley.db in it)", folder));
    TRY(auto lock, lock_folder(folder));
    TRY(auto connection, Connection::open({.path = path}));
    TRY([[maybe_unused]] const bool prepared, storage::sqlite::prepare_schema(*connection, path));
    auto fingerprint = fingerprint_of(*connection);
    if (!fingerprint) return fail(connection->explain_trouble());
    std::unique_ptr<EmbeddedSource> source(new EmbeddedSource(folder, std::move(lock), std::move(connection)));
    source->fingerprint_ = *std::move(fingerprint);
    return source;
}

Result<bool> EmbeddedSource::read(Receiver& receiver, Report&, Progress& progress) {
    auto done = read_all(receiver, progress);
    if (!done && connection_->trouble() != storage::sqlite::Trouble::None) return fail(connection_->explain_trouble());
    return done;
}

Result<bool> EmbeddedSource::read_all(Receiver& receiver, Progress& progress) {
    TRY(const auto users, connection_->query_integer("SELECT count(*) FROM users"));
    TRY(const auto last, connection_->query_integer("SELECT ifnull(max(position), 0) FROM messages"));
    progress.begin("reading", static_cast<std::uint64_t>(users + last));
    TRY([[maybe_unused]] const bool users_read, read_users(receiver, progress));
    TRY([[maybe_unused]] const bool messages_read, read_messages(receiver, progress));
    if (receiver.wants_conversations()) {
        TRY([[maybe_unused]] const bool conversations_read, read_conversations(receiver));
    }
    TRY([[maybe_unused]] const bool revocations_read, read_revocations(receiver));
    return read_marks(receiver);
}

Result<bool> EmbeddedSource::read_users(Receiver& receiver, Progress& progress) {
    Statement rows = connection_->prepare(
        "SELECT id, full_name, username, password_hash, gender, profile_picture, created_ms, updated_ms FROM users ORDER BY position");
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return true;
        const chat::User user{.id = chat::UserId(rows.id(0)),
                              .full_name = rows.text(1),
                              .username = rows.text(2),
                              .password_hash = rows.text(3),
                              .gender = rows.integer(4) == 0 ? chat::Gender::Male : chat::Gender::Female,
                              .profile_picture = rows.text(5),
                              .created_at = rows.time(6),
                              .updated_at = rows.time(7)};
        TRY([[maybe_unused]] const bool taken, receiver.take(user));
        progress.count();
    }
}

Result<bool> EmbeddedSource::read_messages(Receiver& receiver, Progress& progress) {
    Statement rows = connection_->prepare(
        "SELECT m.id, m.sender, c.pair, m.body, m.created_ms, m.updated_ms, m.position FROM messages m"
        " CROSS JOIN conversations c ON c.id = m.conversation WHERE c.pair IS NOT NULL ORDER BY m.position");
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return true;
        const chat::UserId sender(rows.id(1));
        const chat::Message message{.id = chat::MessageId(rows.id(0)),
                                    .sender = sender,
                                    .receiver = other_of(rows.bytes(2), sender),
                                    .text = rows.text(3),
                                    .created_at = rows.time(4),
                                    .updated_at = rows.time(5)};
        TRY([[maybe_unused]] const bool taken, receiver.take(message));
        progress.count();
        progress.reached(static_cast<std::uint64_t>(rows.integer(6)));
    }
}

Result<bool> EmbeddedSource::read_conversations(Receiver& receiver) {
    Statement rows = connection_->prepare("SELECT id, pair FROM conversations WHERE pair IS NOT NULL ORDER BY id");
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return true;
        const std::string_view pair = rows.bytes(1);
        TRY(const auto document, conversation_document(rows.integer(0), user_id(pair.substr(0, kIdBytes)), user_id(pair.substr(kIdBytes))));
        if (!document) continue;
        TRY([[maybe_unused]] const bool taken, receiver.take(*document));
    }
}

Result<std::optional<Conversation>> EmbeddedSource::conversation_document(std::int64_t id, chat::UserId one, chat::UserId other) {
    Conversation document;
    {
        Statement first = connection_->prepare("SELECT id, sender, created_ms FROM messages WHERE conversation = ?1 ORDER BY seq LIMIT 1");
        first.bind(id);
        TRY(const bool row, first.step());
        if (!row) return std::nullopt;
        // The first message's: the same whenever it is asked for, and nobody else's.
        document.id = chat::ConversationId(first.id(0));
        const chat::UserId sender(first.id(1));
        document.participants = {sender, sender == one ? other : one};
        document.created_at = first.time(2);
    }
    std::int64_t last_seq = 0;
    {
        Statement last = connection_->prepare("SELECT seq, created_ms FROM messages WHERE conversation = ?1 ORDER BY seq DESC LIMIT 1");
        last.bind(id);
        TRY([[maybe_unused]] const bool row, last.step());
        last_seq = last.integer(0);
        document.updated_at = last.time(1);
    }
    document.version = static_cast<std::int32_t>(std::min<std::int64_t>(last_seq, std::numeric_limits<std::int32_t>::max()));
    Statement ids = connection_->prepare("SELECT id FROM messages WHERE conversation = ?1 AND seq > ?2 ORDER BY seq");
    ids.bind(id, last_seq - kMaxNamedMessages);
    while (true) {
        TRY(const bool row, ids.step());
        if (!row) return document;
        document.messages.emplace_back(ids.id(0));
    }
}

Result<bool> EmbeddedSource::read_revocations(Receiver& receiver) {
    Statement rows = connection_->prepare("SELECT session, expires_ms FROM revocations ORDER BY session");
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return true;
        TRY([[maybe_unused]] const bool taken, receiver.take(Revocation{rows.text(0), rows.time(1)}));
    }
}

Result<bool> EmbeddedSource::read_marks(Receiver& receiver) {
    Statement rows = connection_->prepare(
        "SELECT r.user, c.pair, m.id FROM members r CROSS JOIN conversations c ON c.id = r.conversation"
        " CROSS JOIN messages m ON m.conversation = r.conversation AND m.seq = r.read_seq"
        " WHERE r.read_seq > 0 AND c.pair IS NOT NULL ORDER BY r.conversation, r.user");
    while (true) {
        TRY(const bool row, rows.step());
        if (!row) return true;
        const chat::UserId reader(rows.id(0));
        const ReadMark mark{.reader = reader, .peer = other_of(rows.bytes(1), reader), .message = chat::MessageId(rows.id(2))};
        TRY([[maybe_unused]] const bool taken, receiver.take(mark));
    }
}

}  // namespace parley::transfer
