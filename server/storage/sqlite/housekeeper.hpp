// Housekeeper: the thread that keeps the database small. It copies the write-ahead log into the database while the writer goes on, and has
// what is past its time removed in small batches by the writer.
//
// The log is bounded in steps. After every `checkpoint_pages` further pages this thread copies what no reader is in the way of. From `restart_pages` on
// the writer copies the short rest between two batches and waits a few milliseconds at most for pages that are being read, after which its next commit
// starts the log anew (a longer read postpones this by one round). From twice that on it does so after every batch: those who send are slowed down, and
// the log stays bounded even if this thread gets no time. From four times that on it waits half a second for those who read. When nobody writes the log is emptied.
// Threading: stop() from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/writer.hpp"

namespace parley::storage::sqlite {

// Removes some of what is past its time, true if there may be more. Runs on the writer's thread, in a transaction.
using Sweep = std::function<Result<bool>(Transaction&)>;

struct HousekeeperOptions {
    int checkpoint_pages = 1000;
    int restart_pages = 4000;
    std::chrono::milliseconds idle{1000};  // without a commit, after which the log is emptied
    std::chrono::milliseconds sweep_every{60'000};
};

class Housekeeper {
public:
    Housekeeper(ConnectionOptions connection, HousekeeperOptions options);
    ~Housekeeper();  // stop()

    void start(Writer& writer, std::vector<Sweep> sweeps);
    // The log has this many pages after a commit. On the writer's thread.
    void wal_grew(int pages);
    void stop();

private:
    using Clock = std::chrono::steady_clock;

    void work();
    void copy_log();
    void empty_log();
    Result<Checkpoint> checkpoint(Connection::CheckpointMode mode);
    void sweep_done(bool more);
    class SweepOperation;

    const ConnectionOptions connection_options_;
    const HousekeeperOptions options_;
    Writer* writer_ = nullptr;
    std::vector<Sweep> sweeps_;

    // The housekeeper's thread only.
    std::unique_ptr<Connection> connection_;
    bool healthy_ = true;

    std::mutex mutex_;
    std::condition_variable wake_;
    int pages_ = 0;                    // guarded by mutex_; in the log now
    int copied_ = 0;                   // guarded by mutex_; of these, when the last copying was done
    Clock::time_point last_commit_{};  // guarded by mutex_
    Clock::time_point next_sweep_{};   // guarded by mutex_
    bool replan_ = false;              // guarded by mutex_; next_sweep_ has changed
    bool stopping_ = false;            // guarded by mutex_
    std::thread thread_;
};

}  // namespace parley::storage::sqlite
