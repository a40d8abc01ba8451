#include "storage/sqlite/connection.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "storage/sqlite/gathering_vfs.hpp"

namespace parley::storage::sqlite {
namespace {

// journal_size_limit: after a restart of the log its file is cut back to this.
constexpr int kWalBytesKept = 16 * 1024 * 1024;
constexpr int kWriterCacheKiB = 2000;
constexpr int kReaderCacheKiB = 256;  // what is read again is in the kernel's cache

Trouble gravity_of(int code) {
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
        case SQLITE_TOOBIG:
        case SQLITE_MISMATCH:
        case SQLITE_ERROR: return Trouble::Statement;
        case SQLITE_FULL:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT: return Trouble::Transaction;
        default: return Trouble::Connection;
    }
}

int remember_wal_pages(void* pages, sqlite3*, const char*, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
}

}  // namespace

Statement::~Statement() {
    if (!handle_) return;
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
}

Result<bool> Statement::step() {
    const int code = handle_ ? sqlite3_step(handle_) : sqlite3_extended_errcode(connection_.handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(connection_.report(code));
}

Result<bool> Statement::run() {
    while (true) {
        TRY(const bool row, step());
        if (!row) return true;
    }
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::bytes(int column) const {
    const void* data = sqlite3_column_blob(handle_, column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

chat::ObjectId Statement::id(int column) const {
    chat::ObjectId id;
    const std::string_view stored = bytes(column);
    std::copy_n(stored.begin(), std::min(stored.size(), id.bytes.size()), id.bytes.begin());
    return id;
}

void Statement::bind_one(int index, std::int64_t value) {
    if (handle_) sqlite3_bind_int64(handle_, index, value);
}

void Statement::bind_one(int index, std::string_view text) {
    const char* data = text.data() ? text.data() : "";  // a null pointer would bind NULL
    if (handle_) sqlite3_bind_text64(handle_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_one(int index, Blob blob) {
    const char* data = blob.bytes.data() ? blob.bytes.data() : "";
    if (handle_) sqlite3_bind_blob64(handle_, index, data, blob.bytes.size(), SQLITE_STATIC);
}

void Statement::bind_one(int index, const chat::ObjectId& id) {
    if (handle_) sqlite3_bind_blob64(handle_, index, id.bytes.data(), id.bytes.size(), SQLITE_STATIC);
}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const bool gathers = options.gather_log && options.synchronous == Synchronous::Full;
    auto vfs = gathers ? GatheringVfs::over(options.vfs) : nullptr;
    const std::string& vfs_name = vfs ? vfs->name() : options.vfs;
    const int code = sqlite3_open_v2(options.path.c_str(), &handle, flags, vfs_name.empty() ? nullptr : vfs_name.c_str());
    if (!handle) return fail(ErrorCode::Unavailable, "out of memory");
    std::unique_ptr<Connection> connection(new Connection(handle, options, std::move(vfs)));
    if (code != SQLITE_OK) connection->report(code);
    if (code != SQLITE_OK || !connection->set_up()) return fail(connection->explain_trouble());
    return connection;
}

Connection::Connection(sqlite3* handle, ConnectionOptions options, std::unique_ptr<GatheringVfs> vfs)
    : vfs_(std::move(vfs)), handle_(handle), options_(std::move(options)) {}

Result<bool> Connection::set_up() {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, static_cast<int>(options_.busy_timeout.count()));
    if (vfs_) GatheringVfs::attach(handle_);
    // The hook takes the place of automatic checkpoints, which would stall the writer.
    sqlite3_wal_hook(handle_, remember_wal_pages, &wal_pages_);
    const std::string settings = fmt::format(
        "PRAGMA journal_size_limit={}; PRAGMA synchronous={}; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA query_only={}; "
        "PRAGMA cache_size=-{}",
        kWalBytesKept, options_.synchronous == Synchronous::Full ? "FULL" : "NORMAL", options_.query_only ? "ON" : "OFF",
        options_.query_only ? kReaderCacheKiB : kWriterCacheKiB);
    return execute(settings.c_str());
}

Connection::~Connection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close_v2(handle_);
}

Statement Connection::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        sqlite3_stmt* prepared = nullptr;
        sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
        if (!prepared) return Statement(*this, nullptr);
        found = statements_.emplace(sql, prepared).first;
    }
    return Statement(*this, found->second);
}

Result<bool> Connection::execute(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(report(code));
    return true;
}

Result<std::int64_t> Connection::query_integer(std::string_view sql) {
    Statement query = prepare(sql);
    TRY(const bool row, query.step());
    return row ? query.integer(0) : 0;
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t Connection::last_insert_position() const {
    return sqlite3_last_insert_rowid(handle_);
}

int Connection::changed_rows() const {
    return sqlite3_changes(handle_);
}

std::int64_t Connection::changed_rows_ever() const {
    return sqlite3_total_changes64(handle_);
}

Result<Checkpoint> Connection::checkpoint(CheckpointMode wanted, std::chrono::milliseconds patience) {
    Checkpoint done;
    const int mode = wanted == CheckpointMode::Passive   ? SQLITE_CHECKPOINT_PASSIVE
                     : wanted == CheckpointMode::Restart ? SQLITE_CHECKPOINT_RESTART
                                                         : SQLITE_CHECKPOINT_TRUNCATE;
    sqlite3_busy_timeout(handle_, static_cast<int>(patience.count()));
    const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &done.log_pages, &done.done_pages);
    sqlite3_busy_timeout(handle_, static_cast<int>(options_.busy_timeout.count()));
    if (code != SQLITE_OK && code != SQLITE_BUSY) return fail(report(code));
    return done;
}

Error Connection::explain_trouble() const {
    if (damaged_)
        return {ErrorCode::InvalidArgument, fmt::format("{} is damaged or not a database; restore a copy or move it away", options_.path)};
    return {ErrorCode::Unavailable, fmt::format("cannot use {}: {}", options_.path, last_trouble_)};
}

const Error& Connection::report(int code) {
    const Trouble gravity = gravity_of(code);
    trouble_ = std::max(trouble_, gravity);
    const int system_error = (code & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(handle_) : 0;
    last_trouble_ = fmt::format("{} ({}{}{})", sqlite3_errmsg(handle_), code, system_error ? ", " : "",
                                system_error ? std::strerror(system_error) : "");
    if ((code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT) damaged_ = true;

    const bool full = (code & 0xff) == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT;
    if (gravity == Trouble::Statement) {
        last_error_ = {ErrorCode::Internal, "storage refused the change"};
    } else {
        last_error_ = {ErrorCode::Unavailable, full ? "storage is full, try again later" : "storage is not available, try again later"};
    }
    return last_error_;
}

}  // namespace parley::storage::sqlite
