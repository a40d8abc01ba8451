#include "transfer/stage.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"
#include "parley/base/utf8.hpp"
#include "transfer/byte_file.hpp"

namespace parley::transfer {
namespace {

using storage::sqlite::Blob;
using storage::sqlite::Connection;
using storage::sqlite::Statement;

constexpr const char* kName = "parley-import.db";
constexpr const char* kPartialName = "parley-import.partial";
constexpr std::size_t kTokenBytes = 16;

// Nothing here survives a crash, and need not: the file is synced once, when it is complete, and made anew otherwise.
constexpr const char* kSettings =
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768; PRAGMA locking_mode=EXCLUSIVE";

// arrival: the source's order.
constexpr const char* kTables = R"sql(
BEGIN;
CREATE TABLE notes(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users(arrival INTEGER PRIMARY KEY, id BLOB, full_name TEXT, username TEXT, password_hash TEXT, gender INTEGER, profile_picture TEXT,
    created_ms INTEGER, updated_ms INTEGER);
CREATE TABLE messages(arrival INTEGER PRIMARY KEY, id BLOB, sender BLOB, receiver BLOB, body TEXT, created_ms INTEGER, updated_ms INTEGER);
CREATE TABLE revocations(arrival INTEGER PRIMARY KEY, session TEXT, expires_ms INTEGER);
CREATE TABLE read_marks(arrival INTEGER PRIMARY KEY, reader BLOB, peer BLOB, message BLOB);
CREATE TABLE named(id BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE pairs(pair BLOB PRIMARY KEY) WITHOUT ROWID;
)sql";

// Grown with every row: sources are nearly in order, so that costs little, and nothing has to be sorted at the end.
constexpr const char* kById = "CREATE INDEX users_order ON users(id); CREATE INDEX messages_order ON messages(created_ms, id);";
constexpr const char* kAsGiven = "CREATE INDEX messages_order ON messages(created_ms);";

std::string pair_of(chat::ObjectId one, chat::ObjectId other) {
    const auto& [smaller, larger] = std::minmax(one, other);
    std::string pair(smaller.bytes.begin(), smaller.bytes.end());
    pair.append(larger.bytes.begin(), larger.bytes.end());
    return pair;
}

Result<bool> sync_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return file_error(path, errno);
    const int synced = ::fsync(file);
    const int error = errno;
    ::close(file);
    if (synced != 0) return file_error(path, error);
    return true;
}

// The file is ours and temporary: whoever finds it damaged has lost nothing.
Error explained(Error error, const std::string& path) {
    if (error.code == ErrorCode::InvalidArgument) error.message = fmt::format("{} is damaged; remove it and start again", path);
    return error;
}

// RFC 3629 section 4: how long the sequence that begins here is; 0: none begins here.
std::size_t sequence_length(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
        if (is_valid_utf8(text.substr(0, length))) return length;
    }
    return 0;
}

}  // namespace

bool mend_utf8(std::string& text) {
    if (is_valid_utf8(text)) return false;
    std::string mended;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = sequence_length(rest);
        mended += length > 0 ? rest.substr(0, length) : "\xEF\xBF\xBD";
        rest.remove_prefix(std::max<std::size_t>(1, length));
    }
    text = std::move(mended);
    return true;
}

std::string Stage::path_in(const std::string& folder) {
    return (std::filesystem::path(folder) / kName).string();
}

Result<std::unique_ptr<Stage>> Stage::create(const std::string& folder, Order order, Report& report) {
    remove(folder);
    const std::string path = (std::filesystem::path(folder) / kPartialName).string();
    // Made here, so that nobody else can read it.
    TRY([[maybe_unused]] const auto made, ByteWriter::create(path, false));
    TRY(auto connection, Connection::open({.path = path}));
    std::unique_ptr<Stage> stage(new Stage(folder, std::move(connection), order, &report));
    const auto set_up = [&]() -> Result<bool> {
        TRY([[maybe_unused]] const bool set, stage->connection_->execute(kSettings));
        TRY([[maybe_unused]] const bool tables, stage->connection_->execute(kTables));
        TRY([[maybe_unused]] const bool indexes, stage->connection_->execute(order == Order::ById ? kById : kAsGiven));
        return stage->write_note("token", hex_encode(random_bytes(kTokenBytes)));
    };
    if (!set_up()) return fail(stage->explain());
    return stage;
}

Result<std::unique_ptr<Stage>> Stage::open(const std::string& folder) {
    const std::string path = path_in(folder);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return nullptr;
    auto opened = Connection::open({.path = path, .query_only = true});
    if (!opened) return fail(explained(opened.error(), path));
    auto connection = *std::move(opened);
    Statement find = connection->prepare("SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE sql LIKE '%messages(created_ms, id)%')");
    if (!find.step()) return fail(explained(connection->explain_trouble(), path));
    const Order order = find.integer(0) != 0 ? Order::ById : Order::AsGiven;
    return std::unique_ptr<Stage>(new Stage(folder, std::move(connection), order, nullptr));
}

void Stage::remove(const std::string& folder) {
    for (const char* const name : {kName, kPartialName}) {
        std::error_code ignored;
        std::filesystem::remove(std::filesystem::path(folder) / name, ignored);
    }
}

bool Stage::left_behind(const std::string& folder) {
    std::error_code ignored;
    return std::filesystem::exists(path_in(folder), ignored) ||
           std::filesystem::exists(std::filesystem::path(folder) / kPartialName, ignored);
}

std::string Stage::mended(const std::string& text, const char* what) {
    std::string copy = text;
    if (mend_utf8(copy)) report_->note(fmt::format("{} with bytes that are not UTF-8, now U+FFFD", what));
    return copy;
}

Result<bool> Stage::take(const chat::User& user) {
    const std::string full_name = mended(user.full_name, "names");
    const std::string username = mended(user.username, "user names");
    const std::string picture = mended(user.profile_picture, "picture addresses");
    const std::string hash = mended(user.password_hash, "password hashes");
    Statement insert = connection_->prepare(
        "INSERT INTO users(id, full_name, username, password_hash, gender, profile_picture, created_ms, updated_ms)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    insert.bind(user.id, full_name, username, hash, user.gender == chat::Gender::Male ? 0 : 1, picture, user.created_at, user.updated_at);
    return insert.run();
}

Result<bool> Stage::take(const chat::Message& message) {
    Statement insert =
        connection_->prepare("INSERT INTO messages(id, sender, receiver, body, created_ms, updated_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    const bool good = is_valid_utf8(message.text);
    const std::string repaired = good ? std::string() : mended(message.text, "messages");
    insert.bind(message.id, message.sender, message.receiver, good ? message.text : repaired, message.created_at, message.updated_at);
    return insert.run();
}

Result<bool> Stage::take(const Revocation& revocation) {
    Statement insert = connection_->prepare("INSERT INTO revocations(session, expires_ms) VALUES(?1, ?2)");
    insert.bind(revocation.session, revocation.expires_at);
    return insert.run();
}

Result<bool> Stage::take(const ReadMark& mark) {
    Statement insert = connection_->prepare("INSERT INTO read_marks(reader, peer, message) VALUES(?1, ?2, ?3)");
    insert.bind(mark.reader, mark.peer, mark.message);
    return insert.run();
}

Result<bool> Stage::take(const Conversation& conversation) {
    const auto& participants = conversation.participants;
    if (participants.empty() || participants.size() > 2) {
        report_->note("conversations that are not of two people (their messages are kept)");
    } else {
        const std::string pair = pair_of(participants.front(), participants.back());
        Statement insert = connection_->prepare("INSERT OR IGNORE INTO pairs(pair) VALUES(?1)");
        insert.bind(Blob{pair});
        TRY([[maybe_unused]] const bool stored, insert.run());
        report_->note("duplicate conversations merged", connection_->changed_rows() == 0 ? 1 : 0);
    }
    for (const auto& id : conversation.messages) {
        Statement insert = connection_->prepare("INSERT OR IGNORE INTO named(id) VALUES(?1)");
        insert.bind(id);
        TRY([[maybe_unused]] const bool stored, insert.run());
        report_->note("entries of conversations that name a message again", connection_->changed_rows() == 0 ? 1 : 0);
    }
    return true;
}

Result<bool> Stage::complete(const std::string& fingerprint, const Report& report) {
    const auto write = [&]() -> Result<bool> {
        TRY([[maybe_unused]] const bool first, write_note("fingerprint", fingerprint));
        TRY([[maybe_unused]] const bool second, write_note("report", report.json()));
        return connection_->execute("COMMIT");
    };
    if (!write()) return fail(explain());
    const std::string partial = (std::filesystem::path(folder_) / kPartialName).string();
    const std::string path = path_in(folder_);
    connection_.reset();
    TRY([[maybe_unused]] const bool synced, sync_file(partial));
    if (std::rename(partial.c_str(), path.c_str()) != 0) return file_error(path, errno);
    sync_folder(folder_);
    TRY(connection_, Connection::open({.path = path, .query_only = true}));
    return true;
}

Result<bool> Stage::write_note(const std::string& key, const std::string& value) {
    Statement insert = connection_->prepare("INSERT INTO notes(key, value) VALUES(?1, ?2)");
    insert.bind(key, value);
    return insert.run();
}

Result<std::string> Stage::read_note(const std::string& key) {
    Statement find = connection_->prepare("SELECT value FROM notes WHERE key = ?1");
    find.bind(key);
    TRY(const bool row, find.step());
    return row ? find.text(0) : std::string();
}

Result<Report> Stage::report() {
    TRY(const std::string json, read_note("report"));
    auto report = Report::parse(json);
    if (!report) return fail(ErrorCode::InvalidArgument, fmt::format("{} is damaged; remove it and start again", path_in(folder_)));
    return *std::move(report);
}

Result<std::int64_t> Stage::size() {
    return connection_->query_integer("SELECT (SELECT count(*) FROM users) + (SELECT ifnull(max(arrival), 0) FROM messages)");
}

bool Stage::failed() const {
    return connection_ && connection_->trouble() != storage::sqlite::Trouble::None;
}

Error Stage::explain() const {
    if (connection_->last_error().message.contains("full")) {
        return {ErrorCode::Unavailable, fmt::format("there is no space left in {}; make room and start again", folder_)};
    }
    return explained(connection_->explain_trouble(), path_in(folder_));
}

}  // namespace parley::transfer
