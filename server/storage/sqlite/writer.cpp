#include "storage/sqlite/writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <iterator>

#include "parley/base/log.hpp"

namespace parley::storage::sqlite {
namespace {

constexpr std::size_t kSeveral = 3;  // operations at once: changes come from a crowd, not from one or two who wait for their answers

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, WriterOptions options)
    : options_(std::move(options)), connection_(std::move(connection)), thread_([this] {
          pthread_setname_np(pthread_self(), "db-writer");
          work();
      }) {}

Writer::~Writer() {
    stop();
}

void Writer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    connection_.reset();
}

void Writer::submit(std::unique_ptr<WriteOperation> operation) {
    const char* refusal = nullptr;
    bool awaited = false;
    {
        const std::lock_guard lock(mutex_);
        const bool full = waiting_.size() >= options_.max_waiting || waiting_bytes_ + operation->bytes() > options_.max_waiting_bytes;
        refusal = stopping_ ? "the server is stopping, try again later" : full ? "the server is busy, try again later" : nullptr;
        if (!refusal) {
            waiting_bytes_ += operation->bytes();
            waiting_.push_back(std::move(operation));
            awaited = waiting_.size() == awaited_;
        }
    }
    if (refusal) return operation->refuse({ErrorCode::Unavailable, refusal});
    if (awaited) wake_.notify_one();
}

void Writer::work() {
    Batch batch;
    while (take(batch)) {
        process(batch);
        batch.clear();
        const auto patience = finish_checkpoint_.exchange({});
        if (patience.count() > 0) finish_checkpoint(patience);
    }
}

// False: everything is done and the writer stops.
bool Writer::take(Batch& batch) {
    std::unique_lock lock(mutex_);
    awaited_ = 1;
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    gather(lock);
    const std::size_t count = std::min(waiting_.size(), options_.max_batch);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    for (const auto& operation : batch) waiting_bytes_ -= operation->bytes();
    latest_count_ = count;
    return count > 0;
}

// A transaction costs as much as a dozen rows, and its sync the disk's time: those who come within the pace of the one before share the next.
void Writer::gather(std::unique_lock<std::mutex>& lock) {
    if (latest_count_ >= kSeveral) {
        awaited_ = options_.max_batch;
        wake_.wait_until(lock, began_ + options_.pace, [this] { return stopping_ || waiting_.size() >= awaited_; });
    }
    began_ = std::chrono::steady_clock::now();
}

void Writer::process(Batch& batch) {
    const Result<bool> committed = commit(batch);
    note_health(committed);
    if (!committed) {
        for (const auto& operation : batch) operation->refuse(committed.error());
        return;
    }
    announce_and_complete(batch);
    options_.on_commit(connection_->wal_pages());
}

// Loops are woken when they have been told everything: each of them would take this thread's core for one message otherwise.
void Writer::announce_and_complete(Batch& batch) {
    const PostBatch gathered;
    for (const auto& operation : batch) announce(*operation);
    for (auto& operation : batch) {
        WriteOperation& done = *operation;
        done.complete(std::move(operation));
    }
}

void Writer::announce(WriteOperation& operation) {
    try {
        operation.announce();
    } catch (const std::exception& error) {
        log::error("defect: exception in what follows a commit: {}", error.what());
    }
}

// All of the batch or, for the database, none of it. Operations look before they write, so that one that fails has changed nothing, and a savepoint
// around each would cost a third of the whole: savepoints are for the batch in which one failed half-way after all.
Result<bool> Writer::commit(Batch& batch) {
    TRY([[maybe_unused]] const bool open, ensure_connection());
    connection_->clear_trouble();
    auto committed = apply_all(batch, Guard::None);
    if (committed && !*committed) {
        roll_back();
        TRY([[maybe_unused]] const bool still_open, ensure_connection());
        committed = apply_all(batch, Guard::Savepoints);
    }
    if (!committed) roll_back();
    return committed;
}

Result<bool> Writer::apply_all(Batch& batch, Guard guard) {
    try {
        return try_apply_all(batch, guard);
    } catch (const std::exception& error) {
        log::error("defect: exception in a transaction: {}", error.what());
        return fail(ErrorCode::Internal, "storage failed");
    }
}

// False: an operation failed half-way and nothing guards the others from what it did.
Result<bool> Writer::try_apply_all(Batch& batch, Guard guard) {
    TRY([[maybe_unused]] const bool begun, connection_->prepare("BEGIN IMMEDIATE").run());
    Transaction transaction{*connection_, options_.now(), epoch_};
    for (const auto& operation : batch) {
        TRY(const bool whole, guard == Guard::None ? apply_unguarded(*operation, transaction) : apply_guarded(*operation, transaction));
        if (!whole) return false;
    }
    return connection_->prepare("COMMIT").run();
}

// In both, an error is one that ends the transaction; an operation's own is its own affair.
Result<bool> Writer::apply_unguarded(WriteOperation& operation, Transaction& transaction) {
    const auto changed = connection_->changed_rows_ever();
    if (operation.apply(transaction)) return true;
    if (connection_->trouble() > Trouble::Statement) return fail(connection_->last_error());
    return connection_->changed_rows_ever() == changed;
}

Result<bool> Writer::apply_guarded(WriteOperation& operation, Transaction& transaction) {
    TRY([[maybe_unused]] const bool saved, connection_->prepare("SAVEPOINT operation").run());
    if (!operation.apply(transaction)) {
        if (connection_->trouble() > Trouble::Statement) return fail(connection_->last_error());
        TRY([[maybe_unused]] const bool undone, connection_->prepare("ROLLBACK TO operation").run());
        transaction.forget_all();
    }
    return connection_->prepare("RELEASE operation").run();
}

Result<bool> Writer::ensure_connection() {
    if (connection_) return true;
    auto opened = Connection::open(options_.connection);
    if (!opened) {
        trouble_ = opened.error().message;
        return fail(ErrorCode::Unavailable, "storage is not available, try again later");
    }
    connection_ = std::move(*opened);
    return true;
}

void Writer::roll_back() {
    ++epoch_;
    if (connection_->in_transaction()) (void)connection_->prepare("ROLLBACK").run();
    trouble_ = connection_->last_trouble();
    if (connection_->trouble() == Trouble::Connection || connection_->in_transaction()) connection_.reset();
}

// The first failure of a row and the recovery are told, not every failed batch.
void Writer::note_health(const Result<bool>& outcome) {
    if (outcome.has_value() == healthy_) return;
    healthy_ = outcome.has_value();
    if (healthy_) {
        log::info("storage takes changes again");
    } else {
        log::error("storage takes no changes: {}; {}", outcome.error().message, trouble_);
    }
}

void Writer::finish_checkpoint(std::chrono::milliseconds patience) {
    if (connection_) (void)connection_->checkpoint(Connection::CheckpointMode::Restart, patience);
}

}  // namespace parley::storage::sqlite
