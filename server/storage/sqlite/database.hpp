// Database: everything the server keeps, in one SQLite file `<data_dir>/parley.db`, behind the ports of chat/.
//
// One thread writes (writer.hpp), a few read (readers.hpp), one keeps the file small (housekeeper.hpp). What a store has acknowledged survives a
// power cut. While the disk is full or broken writes get Unavailable; they are taken again, without a restart, when it is well.
// Threading: open() and stop() from the thread that owns it; the stores from any loop.
// Ownership: the listener outlives it, and it is destroyed before the loops. After stop() its stores answer Unavailable.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "chat/conversation_store.hpp"
#include "chat/message_store.hpp"
#include "chat/session_store.hpp"
#include "chat/user_store.hpp"
#include "parley/base/result.hpp"
#include "storage/sqlite/connection.hpp"

namespace parley::storage::sqlite {

struct DatabaseOptions {
    std::filesystem::path data_dir;
    chat::Clock clock = chat::system_now;  // for every time that is stored
    std::size_t reader_threads = 2;        // each costs a connection (up to 256 KiB of cache)
    std::size_t max_waiting_writes = 10'000;
    std::size_t max_waiting_reads = 10'000;
    // See housekeeper.hpp. A page is 4 KiB; the log grows to a little over restart_pages.
    int checkpoint_pages = 1000;
    int restart_pages = 4000;
    std::chrono::milliseconds sweep_every{60'000};
    // For tests: where files are kept, and how safely.
    std::string vfs = {};
    Synchronous synchronous = Synchronous::Full;
};

class Database {
public:
    // AlreadyExists: another server has the folder. Conflict: written by a newer version. InvalidArgument: the folder or the file cannot be used.
    // Unavailable: storage failed. Every error is a sentence that says what to do or what is wrong.
    static Result<std::unique_ptr<Database>> open(DatabaseOptions options, chat::CommitListener& listener);
    ~Database();  // stop()

    chat::UserStore& users();
    chat::MessageStore& messages();
    chat::SessionStore& sessions();
    chat::ConversationStore& conversations();

    // Any thread: whether the latest transaction could be committed.
    bool takes_changes() const;

    // Finishes what waits to be written, copies the log into the database and closes the file. Idempotent.
    void stop();

private:
    struct Parts;
    explicit Database(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley::storage::sqlite
