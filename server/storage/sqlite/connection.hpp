// Connection and Statement: SQLite's C interface with owners, byte lengths and Results. They know SQL, not the chat's tables.
// Every failure becomes an Error with a text that may be shown to a person; what SQLite said is kept for the log in last_trouble().
// Threading: a connection is used by one thread at a time; it may be handed from thread to thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "chat/values.hpp"
#include "parley/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace parley::storage::sqlite {

class Connection;
class GatheringVfs;

// Bytes that are to be stored as a BLOB; a string_view is stored as TEXT.
struct Blob {
    std::string_view bytes;
};

// A prepared statement in use. It is reset when it goes out of scope: no read stays open behind a result.
class Statement {
public:
    Statement(Connection& connection, sqlite3_stmt* handle) : connection_(connection), handle_(handle) {}
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    // Binds ?1, ?2 and so on. Nothing is copied: what is bound outlives the last step.
    template <class... Values>
    void bind(const Values&... values) {
        int index = 0;
        (bind_one(++index, values), ...);
    }

    Result<bool> step();  // true: there is a row, whose columns (from 0) may be read until the next step
    Result<bool> run();   // steps to the end

    std::int64_t integer(int column) const;
    std::string_view bytes(int column) const;
    std::string text(int column) const { return std::string(bytes(column)); }
    chat::ObjectId id(int column) const;
    chat::Timestamp time(int column) const { return chat::Timestamp(std::chrono::milliseconds(integer(column))); }

private:
    void bind_one(int index, std::int64_t value);
    void bind_one(int index, std::string_view text);
    void bind_one(int index, Blob blob);
    void bind_one(int index, const chat::ObjectId& id);
    void bind_one(int index, chat::Timestamp time) { bind_one(index, std::int64_t{time.time_since_epoch().count()}); }

    Connection& connection_;
    sqlite3_stmt* handle_;  // nullptr: preparing failed, as step() will tell
};

// How grave a failure is: who has to start again.
enum class Trouble : std::uint8_t {
    None,
    Statement,    // this statement alone (a constraint); the transaction stands
    Transaction,  // the transaction cannot go on (full, busy, out of memory); the connection may be used for the next
    Connection,   // input or output failed: nothing that this connection remembers can be trusted
};

enum class Synchronous : std::uint8_t {
    Full,    // a commit survives a power cut
    Normal,  // a commit survives a crash of the process only. For tests that must see a loss
};

struct ConnectionOptions {
    std::string path;
    std::string vfs = {};  // "" for the system's
    Synchronous synchronous = Synchronous::Full;
    bool query_only = false;
    bool gather_log = false;  // see gathering_vfs.hpp; only with Synchronous::Full
    std::chrono::milliseconds busy_timeout{5000};
};

struct Checkpoint {
    int log_pages = 0;   // in the write-ahead log
    int done_pages = 0;  // of these, copied to the database
};

class Connection {
public:
    // Opens or creates, and sets what every connection of ours has: foreign keys, no automatic checkpoints, the WAL's size limit.
    // InvalidArgument: damaged or not a database. Unavailable: anything else. The texts name the file: for the operator, not for clients.
    static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Prepared once per text and connection. `sql` is a literal: its address is remembered. A statement is not used twice at a time.
    Statement prepare(std::string_view sql);
    // One or more statements without rows or parameters.
    Result<bool> execute(const char* sql);
    Result<std::int64_t> query_integer(std::string_view sql);

    bool in_transaction() const;
    std::int64_t last_insert_position() const;
    int changed_rows() const;                // by the last statement
    std::int64_t changed_rows_ever() const;  // by all since it was opened

    // Passive copies what it can without waiting for anybody. Restart keeps other writers out, copies all and waits for those who still read
    // from the log, so that the next commit starts it anew; Truncate also empties its file. Who is in the way for longer than `patience` stays in the
    // way: then it was a Passive.
    enum class CheckpointMode : std::uint8_t { Passive, Restart, Truncate };
    Result<Checkpoint> checkpoint(CheckpointMode mode, std::chrono::milliseconds patience = {});
    // Pages in the write-ahead log after this connection's last commit.
    int wal_pages() const { return wal_pages_; }

    Trouble trouble() const { return trouble_; }                       // the gravest since clear_trouble()
    const std::string& last_trouble() const { return last_trouble_; }  // in SQLite's words, for the log
    const Error& last_error() const { return last_error_; }
    void clear_trouble() { trouble_ = Trouble::None; }
    // What went wrong as a sentence for the operator: the file is damaged or not a database (InvalidArgument), or what SQLite said (Unavailable).
    Error explain_trouble() const;

private:
    friend class Statement;
    Connection(sqlite3* handle, ConnectionOptions options, std::unique_ptr<GatheringVfs> vfs);
    Result<bool> set_up();
    const Error& report(int code);

    const std::unique_ptr<GatheringVfs> vfs_;  // nullptr: the named one itself
    sqlite3* const handle_;
    const ConnectionOptions options_;
    std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
    Trouble trouble_ = Trouble::None;
    std::string last_trouble_;
    Error last_error_;
    int wal_pages_ = 0;
    bool damaged_ = false;  // the file was found to be damaged, or no database at all
};

}  // namespace parley::storage::sqlite
