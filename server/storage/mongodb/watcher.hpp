// Watcher: hears from the database what others have stored in it, this server included, through a change stream.
//
// From start() on every inserted message is told once, in the stream's order, also across cuts, fail-overs and restarts of the database: the stream
// is opened again where it was left, after 250 ms, then up to 5 s. If the database has forgotten that place the stream goes on from the present and
// the handler is told so. Where there are no change streams (a standalone mongod, FerretDB) or no right to them, that is logged once and tried again
// every ten minutes; nothing is told then.
// Threading: a thread of its own, with one client of the link's pool. Ownership: destroyed before the link and the handler.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "chat/values.hpp"
#include "storage/mongodb/change_stream.hpp"
#include "storage/mongodb/read_marks.hpp"

namespace parley::storage::mongodb {

// Called on the watcher's thread, one call at a time; must not block.
class WatchHandler {
public:
    virtual ~WatchHandler() = default;
    // Inserted by anybody, also by this server. A changed message is not told, nor a document that is no message.
    virtual void message_stored(chat::Message message) = 0;
    virtual void user_changed(chat::UserId user) = 0;
    virtual void user_removed(chat::UserId user) = 0;
    virtual void session_revoked(std::string session) = 0;
    // A read mark was set, by anybody, also by this server.
    virtual void marked_read(const Reading& reading, chat::MessageId message) = 0;
    // Any of these may have gone untold, or the whole database was dropped: what is cached is in doubt.
    virtual void changes_missed() = 0;
};

class Watcher {
public:
    Watcher(Link& link, WatchHandler& handler) : link_(link), handler_(handler) {}
    ~Watcher();  // stop()

    void start();
    // Within about a second; where the database is silent, within the link's time-outs. Idempotent.
    void stop();
    // Whether changes are told now. Any thread.
    bool live() const { return live_; }
    // The deployment may be another one now: ends the ten minutes of waiting. Any thread.
    void retry();

private:
    void watch();
    ChangeStream::Outcome follow(ChangeStream& stream);
    void recover(ChangeStream& stream, const StreamFailure& failure);
    void start_over(ChangeStream& stream, const std::string& reason);
    void give_up(const StreamFailure& failure);
    void tell(const bson_t& event);
    void tell_mark(const BsonView& event, const std::string& key);
    void tell_user(const std::string& operation, chat::UserId user);
    void went_live();
    void forgive();
    void back_off();
    void sleep(std::chrono::milliseconds pause);

    Link& link_;
    WatchHandler& handler_;
    std::atomic<bool> live_{false};
    std::atomic<bool> stopping_{false};

    // The thread's own.
    std::chrono::milliseconds pause_{0};
    int refusals_ = 0;
    bool was_live_ = false;
    std::string told_;  // the reason for which it gave up last

    std::mutex mutex_;
    std::condition_variable wake_;
    bool retry_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace parley::storage::mongodb
