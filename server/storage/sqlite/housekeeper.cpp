#include "storage/sqlite/housekeeper.hpp"

#include <pthread.h>

#include <algorithm>

#include "parley/base/log.hpp"

namespace parley::storage::sqlite {
namespace {

constexpr std::chrono::milliseconds kNextSweepBatch{50};

// A reader that is in the middle of a page is waited for: pages take about a millisecond. On a machine so busy that readers lose their turn within
// one, the log would go on growing, unless the writer waits for them much longer.
constexpr std::chrono::milliseconds kPatience{10};
constexpr std::chrono::milliseconds kLastPatience{500};

}  // namespace

// One small batch of every sweep.
class Housekeeper::SweepOperation : public WriteOperation {
public:
    explicit SweepOperation(Housekeeper& keeper) : WriteOperation(0), keeper_(keeper) {}

    bool apply(Transaction& transaction) override {
        more_ = succeeded_ = false;
        for (const Sweep& sweep : keeper_.sweeps_) {
            const Result<bool> more = sweep(transaction);
            if (!more) return false;
            more_ = more_ || *more;
        }
        succeeded_ = true;
        return true;
    }
    void complete(std::unique_ptr<WriteOperation>) override { keeper_.sweep_done(succeeded_ && more_); }
    void refuse(const Error&) override { keeper_.sweep_done(false); }

private:
    Housekeeper& keeper_;
    bool more_ = false;
    bool succeeded_ = false;
};

Housekeeper::Housekeeper(ConnectionOptions connection, HousekeeperOptions options)
    : connection_options_(std::move(connection)), options_(options), next_sweep_(Clock::now() + options.sweep_every) {}

Housekeeper::~Housekeeper() {
    stop();
}

void Housekeeper::start(Writer& writer, std::vector<Sweep> sweeps) {
    writer_ = &writer;
    sweeps_ = std::move(sweeps);
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "db-housekeeper");
        work();
    });
}

void Housekeeper::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    connection_.reset();
}

void Housekeeper::wal_grew(int pages) {
    bool due = false;
    {
        const std::lock_guard lock(mutex_);
        if (pages < copied_) copied_ = 0;  // the log was started anew
        pages_ = pages;
        last_commit_ = Clock::now();
        due = pages_ - copied_ >= options_.checkpoint_pages;
    }
    if (due) wake_.notify_one();
    if (pages >= 2 * options_.restart_pages)
        writer_->finish_checkpoint_soon(pages >= 4 * options_.restart_pages ? kLastPatience : kPatience);
}

void Housekeeper::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto grown = [this] { return pages_ - copied_ >= options_.checkpoint_pages; };
        wake_.wait_until(lock, std::min(next_sweep_, Clock::now() + options_.idle), [&] { return stopping_ || replan_ || grown(); });
        replan_ = false;
        const auto now = Clock::now();
        const bool copy_due = grown();
        const bool idle = pages_ > 0 && now - last_commit_ >= options_.idle;
        const bool sweep_due = now >= next_sweep_;
        if (sweep_due) next_sweep_ = Clock::time_point::max();  // until sweep_done()
        if (stopping_) return;

        lock.unlock();
        if (copy_due) copy_log();
        if (idle && !copy_due) empty_log();
        if (sweep_due) writer_->submit(std::make_unique<SweepOperation>(*this));
        lock.lock();
    }
}

void Housekeeper::copy_log() {
    const auto copied = checkpoint(Connection::CheckpointMode::Passive);
    if (copied && copied->log_pages >= options_.restart_pages) writer_->finish_checkpoint_soon(kPatience);
    const std::lock_guard lock(mutex_);
    copied_ = copied ? copied->log_pages : pages_;  // after a failure: once more when the log has grown further
}

void Housekeeper::empty_log() {
    const auto emptied = checkpoint(Connection::CheckpointMode::Truncate);
    const std::lock_guard lock(mutex_);
    const bool still_idle = Clock::now() - last_commit_ >= options_.idle;
    if (emptied && emptied->log_pages == 0 && still_idle) pages_ = copied_ = 0;
}

Result<Checkpoint> Housekeeper::checkpoint(Connection::CheckpointMode mode) {
    if (!connection_) {
        TRY(connection_, Connection::open(connection_options_));
    }
    auto done = connection_->checkpoint(mode);
    if (done.has_value() != healthy_) {
        healthy_ = done.has_value();
        if (!healthy_) log::error("the write-ahead log cannot be copied into the database: {}", connection_->last_trouble());
    }
    if (connection_->trouble() == Trouble::Connection) connection_.reset();
    return done;
}

void Housekeeper::sweep_done(bool more) {
    const std::lock_guard lock(mutex_);
    next_sweep_ = Clock::now() + (more ? kNextSweepBatch : options_.sweep_every);
    replan_ = true;
    wake_.notify_one();
}

}  // namespace parley::storage::sqlite
