// Link: the way to one MongoDB deployment: its address, its pool of clients, and whether it can be used now.
//
// A thread of its own (the keeper) connects, prepares the database once (indexes, what stores remember), and from then on sleeps until somebody
// reports a failure. It then asks the deployment itself: an answer means that the trouble has passed; none means Down, and everybody is refused
// at once, instead of waiting for time-outs one by one, until it answers again. It asks with a back-off of 250 ms to 5 s.
// Threading: any thread. Ownership: outlives every Client.
#pragma once

#include <mongoc/mongoc.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "parley/base/result.hpp"

namespace parley::storage::mongodb {

class Client;

struct LinkOptions {
    // mongodb:// or mongodb+srv://, with every option libmongoc knows (TLS, authentication, replica set). Unless it says otherwise a server is
    // selected within 2 s, connected to within 2 s and answers within 5 s. Its read preference and write concern are overruled, see Client.
    std::string uri;
    std::size_t max_clients = 16;  // connections at once to each server, about
    std::chrono::milliseconds shortest_pause{250};
    std::chrono::milliseconds longest_pause{5'000};
};

// Called on the keeper's thread with a client of its own.
struct LinkHooks {
    // Before the first use; until it succeeds nobody is served. Errors are tried again.
    std::function<Result<bool>(Client&)> prepare;
    // After the deployment has been down and answers again, before anybody is served.
    std::function<Result<bool>(Client&)> recovered;
};

class Link {
public:
    // InvalidArgument: the URI cannot be used; the message holds no password. Connects to nothing yet.
    static Result<std::unique_ptr<Link>> make(LinkOptions options);
    ~Link();  // stop()

    // Starts the keeper and waits until the deployment was prepared, or `patience` has passed. Unauthenticated, PermissionDenied: it refuses the
    // credentials, or wants some. Any other trouble is no error: the keeper goes on.
    Result<bool> start(LinkHooks hooks, std::chrono::milliseconds patience);
    void stop();

    // Whether what is asked now has a chance.
    bool usable() const { return !closed_ && (state_ == State::Up || state_ == State::Suspect); }
    // From now on nobody is served: every command that is not under way is refused.
    void close() { closed_ = true; }
    // Prepared, and nothing bad was heard since.
    bool up() const { return state_ == State::Up; }

    // "db1.example:27017, db2.example:27017": without credentials.
    const std::string& hosts() const { return hosts_; }
    const std::string& database() const { return database_; }

    // What a client has met; see client.cpp for which errors count.
    void report(const bson_error_t& error);
    // Whether a refused command of this kind is to be logged: once in half a minute. `unsaid`: how many were not, since.
    bool may_tell(std::uint32_t code, std::size_t& unsaid);

    // Whether writes wait for the journal; false once the server said that it has none.
    bool journal() const { return journal_; }
    void set_journal(bool has_journal) { journal_ = has_journal; }
    const mongoc_write_concern_t* concern_without_journal() const { return concern_without_journal_.get(); }

    // nullptr when none is free within 2 s.
    mongoc_client_t* pop_client();
    void push_client(mongoc_client_t* client);

private:
    enum class State : std::uint8_t { Waiting, Up, Suspect, Down };
    struct DestroyUri {
        void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
    };
    struct DestroyConcern {
        void operator()(mongoc_write_concern_t* concern) const { mongoc_write_concern_destroy(concern); }
    };
    using Concern = std::unique_ptr<mongoc_write_concern_t, DestroyConcern>;
    struct DestroyPool {
        void operator()(mongoc_client_pool_t* pool) const { mongoc_client_pool_destroy(pool); }
    };
    Link() = default;
    static Concern majority();

    void keep();
    Result<bool> examine();
    Result<bool> ping();
    void note(const Result<bool>& outcome);
    void note_recovery(std::chrono::steady_clock::time_point now);
    Result<bool> ensure_pool();

    LinkOptions options_;
    LinkHooks hooks_;
    std::string hosts_;
    std::string database_;
    std::unique_ptr<mongoc_uri_t, DestroyUri> uri_;
    std::unique_ptr<mongoc_uri_t, DestroyUri> ping_uri_;  // the same with short time-outs
    Concern concern_without_journal_ = majority();
    // Made by the keeper, because names are looked up for it (mongodb+srv) and that may fail for a while; then constant.
    std::unique_ptr<mongoc_client_pool_t, DestroyPool> pool_;
    std::atomic<bool> has_pool_{false};

    std::atomic<State> state_{State::Waiting};  // written by the keeper, but for Up to Suspect
    std::atomic<bool> journal_{true};
    std::atomic<bool> closed_{false};
    // The keeper only.
    bool prepared_ = false;
    bool was_down_ = false;
    std::chrono::steady_clock::time_point examined_at_;
    std::string told_;  // the trouble that was logged last
    std::chrono::steady_clock::time_point told_at_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable examined_;
    Result<bool> last_outcome_ = fail(ErrorCode::Unavailable, "not tried yet");  // guarded by mutex_
    std::string last_trouble_;                                                   // guarded by mutex_: what a client has met last
    struct Telling {
        std::chrono::steady_clock::time_point told_at;
        std::size_t unsaid = 0;
    };
    std::map<std::uint32_t, Telling> tellings_;  // guarded by mutex_
    bool stopping_ = false;                      // guarded by mutex_
    std::thread keeper_;
};

}  // namespace parley::storage::mongodb
