// Database: everything the server keeps, in a MongoDB database that the original server may use at the same time, behind the ports of chat/.
//
// The original's collections hold the original's documents (documents.hpp); what only we need is in collections named parley_*. Indexes are made at
// the start, but none that existing documents violate. docs/mongodb.md says what an operator has to know.
// Threads: workers (workers.hpp), one that stores messages (message_writer.hpp), one that tends conversations (tender.hpp), one that hears of others'
// changes (watcher.hpp), one that keeps the link (link.hpp), one that wakes for housekeeping. While the database is away every call gets
// Unavailable, quickly once that is known; when it is back everything goes on by itself.
// Threading: open() and stop() from the thread that owns it; the stores from any loop.
// Ownership: the listeners outlive it, and it is destroyed before the loops. After stop() its stores answer Unavailable.
#pragma once

#include <memory>
#include <string>

#include "chat/change_listener.hpp"
#include "chat/conversation_store.hpp"
#include "chat/message_store.hpp"
#include "chat/session_store.hpp"
#include "chat/user_store.hpp"
#include "parley/base/result.hpp"

namespace parley::storage::mongodb {

struct DatabaseOptions {
    std::string uri;                        // see LinkOptions
    chat::Clock clock = chat::system_now;   // for every time that is stored
    std::size_t threads = 8;                // workers; each holds a connection
    std::size_t max_waiting = 10'000;       // calls that wait for a worker; one more is refused
    std::size_t conversation_cap = 20'000;  // ids that the array of a conversation document keeps at least
    std::chrono::milliseconds start_patience{3'000};
};

class Database {
public:
    // Returns when the database is ready, or start_patience has passed: it goes on trying then.
    // InvalidArgument: the URI cannot be used. Unauthenticated: the database refuses its credentials. Sentences, without the password.
    static Result<std::unique_ptr<Database>> open(DatabaseOptions options, chat::CommitListener& commits, chat::ChangeListener& changes);
    ~Database();  // stop()

    chat::UserStore& users();
    chat::MessageStore& messages();
    chat::SessionStore& sessions();
    chat::ConversationStore& conversations();

    // Any thread: whether what is asked now can be done.
    bool ready() const;

    // For tests: waits until no conversation is being tended.
    bool wait_until_tended(std::chrono::milliseconds patience);

    // The end is near: what the database cannot do at once is refused, not tried again.
    void expect_stop();
    // Finishes what waits, as far as the database answers, and ends the threads. Idempotent.
    void stop();

private:
    struct Parts;
    explicit Database(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley::storage::mongodb
