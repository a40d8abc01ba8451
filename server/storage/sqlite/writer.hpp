// Writer: the one thread that changes the database. It takes everything that waits into one transaction (group commit), so that one sync of
// the disk serves many callers. Where changes keep coming from several at once, transactions begin `pace` apart at least, so that more of them share
// one; a lone caller never waits.
//
// Order: operations run in the order of submit(), commits are durable before anything is announced, and a batch is announced before its callers
// resume. An operation that fails undoes its own changes and fails its own caller. If the transaction fails, every caller of the batch gets
// Unavailable and nothing is announced; after an I/O error the connection is opened anew before the next batch, never trusted again.
// (After a failed sync nobody can know what is on the disk: an operation that failed so may turn out to be stored. A retry with its key finds it.)
//
// Threading: submit(), run(), finish_checkpoint_soon() from any thread; operations and announcements run on the writer's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "chat/values.hpp"
#include "parley/async/completion.hpp"
#include "storage/sqlite/connection.hpp"

namespace parley::storage::sqlite {

// What an operation works with: the connection inside the batch's transaction, and one time for all of the batch.
struct Transaction {
    Connection& connection;
    chat::Timestamp now;
    // Grows whenever something that operations did is undone, or forget_all() is called: what they remember of the database may be wrong then.
    std::uint64_t& epoch;

    void forget_all() { ++epoch; }
};

// A change that waits for its turn. Either announce() and complete() are called, or refuse().
class WriteOperation {
public:
    explicit WriteOperation(std::size_t bytes) : bytes_(bytes) {}
    virtual ~WriteOperation() = default;
    std::size_t bytes() const { return bytes_; }

    // False: it failed, what it changed is to be undone, complete() will say why. May be called again, if what it did was undone for another's sake.
    virtual bool apply(Transaction& transaction) = 0;
    virtual void announce() {}
    // The operation is its own from here on: it goes to its caller's loop, where it was made, with what it holds for him.
    virtual void complete(std::unique_ptr<WriteOperation> self) = 0;
    virtual void refuse(const Error& error) = 0;

private:
    const std::size_t bytes_;
};

struct WriterOptions {
    ConnectionOptions connection;
    std::size_t max_waiting = 10'000;                  // operations; one more is refused
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;  // of their texts
    std::size_t max_batch = 1024;                      // operations in one transaction: bounds its time and memory
    std::chrono::microseconds pace{300};               // a longer one costs less of the processor per change, and time
    std::function<chat::Timestamp()> now;
    std::function<void(int wal_pages)> on_commit;  // on the writer's thread, after each commit; must not block
};

class Writer {
public:
    // `connection` is open and its schema prepared; `options` opens its successors.
    Writer(std::unique_ptr<Connection> connection, WriterOptions options);
    ~Writer();  // stop()

    // Any thread: whether the latest transaction could be committed.
    bool takes_changes() const { return healthy_; }

    // Refuses the operation at once with Unavailable when too much waits or the writer is stopped.
    void submit(std::unique_ptr<WriteOperation> operation);

    // Awaits `apply` in a transaction. `announce`, if any, runs when its result is durable and no error. bytes: what the request holds in memory.
    template <class T>
    Task<Result<T>> run(std::size_t bytes, std::move_only_function<Result<T>(Transaction&)> apply,
                        std::move_only_function<void(const T&)> announce = nullptr);

    // Between two batches the writer copies the log's last pages itself, so that the next commit starts the log from its beginning. It waits that long
    // at most for those who are reading; called several times in between, the last counts.
    void finish_checkpoint_soon(std::chrono::milliseconds patience) { finish_checkpoint_ = patience; }

    // Finishes what waits, then ends the thread and closes the connection. Idempotent.
    void stop();

private:
    using Batch = std::vector<std::unique_ptr<WriteOperation>>;

    void work();
    bool take(Batch& batch);
    void gather(std::unique_lock<std::mutex>& lock);
    void process(Batch& batch);
    static void announce_and_complete(Batch& batch);
    static void announce(WriteOperation& operation);
    Result<bool> commit(Batch& batch);
    enum class Guard : std::uint8_t { None, Savepoints };
    Result<bool> apply_all(Batch& batch, Guard guard);
    Result<bool> try_apply_all(Batch& batch, Guard guard);
    Result<bool> apply_unguarded(WriteOperation& operation, Transaction& transaction);
    Result<bool> apply_guarded(WriteOperation& operation, Transaction& transaction);
    Result<bool> ensure_connection();
    void roll_back();
    void note_health(const Result<bool>& outcome);
    void finish_checkpoint(std::chrono::milliseconds patience);

    const WriterOptions options_;

    // The writer's thread only.
    std::unique_ptr<Connection> connection_;  // nullptr: to be opened anew
    std::uint64_t epoch_ = 0;
    std::string trouble_;
    std::chrono::steady_clock::time_point began_{};  // the latest transaction
    std::size_t latest_count_ = 0;                   // of its operations
    std::atomic<bool> healthy_ = true;               // written by the thread alone

    std::atomic<std::chrono::milliseconds> finish_checkpoint_{};  // how patiently, zero for not at all
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<WriteOperation>> waiting_;  // guarded by mutex_
    std::size_t waiting_bytes_ = 0;                        // guarded by mutex_
    std::size_t awaited_ = 1;                              // guarded by mutex_: with so many waiting the thread is to be woken
    bool stopping_ = false;                                // guarded by mutex_
    std::thread thread_;
};

namespace detail {

template <class T>
class AwaitedWrite : public WriteOperation {
public:
    AwaitedWrite(std::size_t bytes, std::move_only_function<Result<T>(Transaction&)> apply,
                 std::move_only_function<void(const T&)> announce, Completer<Result<T>> completer)
        : WriteOperation(bytes), apply_(std::move(apply)), announce_(std::move(announce)), completer_(std::move(completer)) {}

    bool apply(Transaction& transaction) override {
        result_.emplace(apply_(transaction));
        return result_->has_value();
    }
    void announce() override {
        if (announce_ && *result_) announce_(**result_);
    }
    void complete(std::unique_ptr<WriteOperation> self) override {
        completer_.loop().post([self = std::move(self), this] { completer_.resume(std::move(*result_)); });
    }
    void refuse(const Error& error) override { completer_.complete(fail(error)); }

private:
    std::move_only_function<Result<T>(Transaction&)> apply_;
    std::move_only_function<void(const T&)> announce_;
    Completer<Result<T>> completer_;
    std::optional<Result<T>> result_;
};

}  // namespace detail

template <class T>
Task<Result<T>> Writer::run(std::size_t bytes, std::move_only_function<Result<T>(Transaction&)> apply,
                            std::move_only_function<void(const T&)> announce) {
    const auto start = [&](Completer<Result<T>> completer) {
        submit(std::make_unique<detail::AwaitedWrite<T>>(bytes, std::move(apply), std::move(announce), std::move(completer)));
    };
    co_return co_await suspend<Result<T>>(start);
}

}  // namespace parley::storage::sqlite
