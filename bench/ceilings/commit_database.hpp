// CommitDatabase: the tables that a send writes to, in a fresh SQLite file with the server's durability (WAL, synchronous=FULL, foreign keys), through
// SQLite's own API. Tables, indexes and statements are those of server/storage/sqlite; nothing of it is used, so that its overhead shows.
// Threading: none. Every function throws std::runtime_error when SQLite refuses.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

class CommitDatabase {
public:
    // In place of what may be at `path`; removed in the end. `keys`: every message has an idempotency key, as those of clients that repeat sends.
    CommitDatabase(std::string path, std::size_t conversations, bool keys);
    ~CommitDatabase();
    CommitDatabase(const CommitDatabase&) = delete;
    CommitDatabase& operator=(const CommitDatabase&) = delete;

    // That many messages in one transaction, durable when it returns; to one conversation after the other.
    void commit(std::size_t rows);

    // Pages in the log, which only grows until checkpoint() copies them into the database. The log is then written from its beginning again.
    int log_pages() const { return log_pages_; }
    void checkpoint();

private:
    struct Closer {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

    void open();
    void make_conversations(std::size_t count);
    void execute(const char* sql);
    Statement prepare(const char* sql);
    void run(sqlite3_stmt* statement);
    void insert_message();
    void insert_key();
    [[noreturn]] void refuse();

    const std::string path_;
    const bool keys_;
    int log_pages_ = 0;
    std::unique_ptr<sqlite3, Closer> database_;
    Statement begin_, commit_, message_, find_key_, key_;
    std::vector<std::int64_t> last_seq_;  // by conversation
    std::uint64_t messages_ = 0;
};

}  // namespace bench
