#include "storage/mongodb/database.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "parley/base/log.hpp"
#include "storage/mongodb/conversation_store.hpp"
#include "storage/mongodb/housekeeper.hpp"
#include "storage/mongodb/message_store.hpp"
#include "storage/mongodb/session_store.hpp"
#include "storage/mongodb/user_store.hpp"
#include "storage/mongodb/watcher.hpp"

namespace parley::storage::mongodb {
namespace {

using std::chrono::seconds;

constexpr std::size_t kOwnClients = 5;  // of the writer, the tender, the watcher, the keeper, and one to spare
constexpr std::chrono::milliseconds kJobPatience{8'000};
constexpr seconds kPollSessionsEvery{2};
constexpr seconds kIndexUsersEvery{5};
constexpr seconds kRetryIndexesEvery{60};
constexpr seconds kStopPatience{2};

using CollectionIndexes = std::vector<std::pair<const char*, Index>>;

CollectionIndexes all_indexes() {
    CollectionIndexes all;
    for (auto part : {UserStore::indexes, Usernames::indexes, SessionStore::indexes, MessageStore::indexes}) {
        for (auto& index : part()) all.push_back(std::move(index));
    }
    return all;
}

}  // namespace

// The watcher and the session store tell of changes on threads of their own; the listener is promised one call at a time.
class OneAtATime : public chat::ChangeListener {
public:
    explicit OneAtATime(chat::ChangeListener& listener) : listener_(listener) {}

    void user_changed(chat::UserId user) override {
        const std::scoped_lock lock(mutex_);
        listener_.user_changed(user);
    }
    void user_removed(chat::UserId user) override {
        const std::scoped_lock lock(mutex_);
        listener_.user_removed(user);
    }
    void session_revoked(const std::string& session) override {
        const std::scoped_lock lock(mutex_);
        listener_.session_revoked(session);
    }

private:
    chat::ChangeListener& listener_;
    std::mutex mutex_;
};

// In the order of their making each stands on those before it; stop() ends their threads before any of them is destroyed.
struct Database::Parts : WatchHandler {
    Parts(const DatabaseOptions& options, std::unique_ptr<Link> made, chat::CommitListener& commits, chat::ChangeListener& listener)
        : link(std::move(made)),
          changes(listener),
          workers(*link, options.threads, options.max_waiting, kJobPatience),
          housekeeper(workers, *link, options.clock),
          usernames(options.clock),
          users(workers, usernames, options.clock, [this] { known_users.clear(); }),
          sessions(workers, changes, options.clock),
          conversations(options.clock),
          announcements(commits),
          marks(options.clock),
          lists(workers, marks, announcements),
          tender(*link, conversations, announcements, options.clock, options.conversation_cap),
          writer(*link, conversations, announcements, tender, [this] { return watcher.live(); }),
          messages({workers, known_users, conversations, announcements, tender, writer, [this] { return watcher.live(); }}, options.clock),
          watcher(*link, *this) {}

    Result<bool> prepare(Client& client) {
        TRY([[maybe_unused]] const bool loaded, sessions.load(client));
        TRY([[maybe_unused]] const bool begun, marks.load(client));
        for (auto& [collection, index] : all_indexes()) make_index(client, collection, std::move(index));
        warn_of_import(client);
        log::info("MongoDB at {}, database {}: ready", link->hosts(), link->database());
        return true;
    }

    Result<bool> recovered(Client& client) {
        TRY([[maybe_unused]] const bool loaded, sessions.load(client));
        TRY([[maybe_unused]] const bool begun, marks.load(client));
        forget();
        watcher.retry();
        return true;
    }

    // `parley import` and `parley export` mark a database that they are filling.
    void warn_of_import(Client& client) {
        const auto marker = client.find_one("parley_state", Bson().add("_id", "import").add("state", "running"));
        if (marker && *marker) log::warn("an import into this database has not ended: what is not in yet is missing; start it again");
    }

    // One that takes longer than an answer may (a large collection) goes on being built by the database, and is asked for again.
    void make_index(Client& client, const char* collection, Index index) {
        const auto made = client.create_index(collection, index);
        if (made && !*made && index.ttl) housekeeper.sweep(collection, "expiresAt");
        if (made && !*made && index.unique) return make_index(client, collection, plain(index));
        if (made || made.error().code != ErrorCode::Unavailable) return;
        log::warn("the index {} of {} is not made yet; asking again every minute", index.name, collection);
        const std::scoped_lock lock(mutex);
        pending_indexes.emplace_back(collection, std::move(index));
    }

    // Names that are there twice can still be looked up by an index.
    static Index plain(const Index& index) { return {.name = "parley_lookup", .keys = Bson::copy(*index.keys.get())}; }

    void retry_indexes(Client& client) {
        CollectionIndexes pending;
        {
            const std::scoped_lock lock(mutex);
            pending.swap(pending_indexes);
        }
        for (auto& [collection, index] : pending) make_index(client, collection, std::move(index));
    }

    void start_housekeeping() {
        housekeeper.every(kPollSessionsEvery, [this](Client& client) { sessions.poll(client); });
        housekeeper.every(kIndexUsersEvery, [this](Client& client) { usernames.index(client); });
        housekeeper.every(kRetryIndexesEvery, [this](Client& client) { retry_indexes(client); });
        housekeeper.start();
        watcher.start();
    }

    void forget() {
        conversations.clear();
        known_users.clear();
    }

    // What waits is finished as long as that is quick; then nothing new is begun, and what is under way ends with its command.
    void stop() {
        std::mutex stopped;
        std::condition_variable_any ended;
        const std::jthread impatience([&](const std::stop_token& token) {
            std::unique_lock lock(stopped);
            if (!ended.wait_for(lock, token, kStopPatience, [] { return false; }) && !token.stop_requested()) link->close();
        });
        writer.stop_soon();
        housekeeper.stop();
        watcher.stop();
        workers.stop();
        writer.stop();
        tender.stop();
        link->stop();
    }

    void message_stored(chat::Message message) override {
        if (announcements.heard(message)) conversations.note(message);
    }
    void user_changed(chat::UserId user) override { changes.user_changed(user); }
    void user_removed(chat::UserId user) override {
        known_users.clear();
        changes.user_removed(user);
    }
    // Every log-out of ours is heard of, too: one poll at a time is enough.
    void session_revoked(std::string) override {
        if (poll_waits.exchange(true)) return;
        struct Clear {
            void operator()(std::atomic<bool>* flag) const { *flag = false; }
        };
        // Whatever becomes of the job, another may follow it.
        workers.post([this, done = std::unique_ptr<std::atomic<bool>, Clear>(&poll_waits)](Client& client) { sessions.poll(client); });
    }
    void marked_read(const Reading& reading, chat::MessageId message) override { lists.heard(reading, message); }
    void changes_missed() override { forget(); }

    std::unique_ptr<Link> link;
    OneAtATime changes;
    KnownUsers known_users;
    Workers workers;
    Housekeeper housekeeper;
    Usernames usernames;
    UserStore users;
    SessionStore sessions;
    Conversations conversations;
    Announcements announcements;
    ReadMarks marks;
    ConversationStore lists;
    Tender tender;
    MessageWriter writer;
    MessageStore messages;
    Watcher watcher;

    std::atomic<bool> poll_waits{false};
    std::mutex mutex;
    CollectionIndexes pending_indexes;  // guarded by mutex
};

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options, chat::CommitListener& commits, chat::ChangeListener& changes) {
    TRY(auto link, Link::make({.uri = options.uri, .max_clients = options.threads + kOwnClients}));
    auto parts = std::make_unique<Parts>(options, std::move(link), commits, changes);
    Parts& made = *parts;
    std::unique_ptr<Database> database(new Database(std::move(parts)));
    LinkHooks hooks{.prepare = [&made](Client& client) { return made.prepare(client); },
                    .recovered = [&made](Client& client) { return made.recovered(client); }};
    TRY([[maybe_unused]] const bool started, made.link->start(std::move(hooks), options.start_patience));
    made.start_housekeeping();
    return database;
}

Database::Database(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Database::~Database() {
    stop();
}

chat::UserStore& Database::users() {
    return parts_->users;
}

chat::MessageStore& Database::messages() {
    return parts_->messages;
}

chat::SessionStore& Database::sessions() {
    return parts_->sessions;
}

chat::ConversationStore& Database::conversations() {
    return parts_->lists;
}

bool Database::ready() const {
    return parts_->link->up();
}

bool Database::wait_until_tended(std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (parts_->tender.waiting() > 0) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

void Database::expect_stop() {
    parts_->writer.lose_patience();
}

void Database::stop() {
    parts_->stop();
}

}  // namespace parley::storage::mongodb
