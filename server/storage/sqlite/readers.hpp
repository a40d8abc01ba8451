// Readers: a few threads with a connection each, for everything that only looks. A query sees every commit that was acknowledged before it.
// Threading: run() is awaited on any loop; the query itself runs on a reader's thread. stop() from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "parley/async/worker_pool.hpp"
#include "storage/sqlite/connection.hpp"

namespace parley::storage::sqlite {

class Readers {
public:
    // max_waiting: queries; one more is refused.
    Readers(ConnectionOptions options, std::size_t threads, std::size_t max_waiting);

    // Awaits `query`. Unavailable when too many wait or storage fails.
    template <class T>
    Task<Result<T>> run(std::move_only_function<Result<T>(Connection&)> query) {
        auto job = [this, query = std::move(query)]() mutable -> Result<T> {
            TRY(auto connection, borrow());
            Result<T> result = query(*connection);
            give_back(std::move(connection));
            return result;
        };
        auto answered = co_await pool_.run(std::move(job));
        if (!answered) co_return fail(answered.error());
        co_return std::move(*answered);
    }

    // Queries that run are finished, later ones get Unavailable; connections are closed. Idempotent.
    void stop();

private:
    Result<std::unique_ptr<Connection>> borrow();
    void give_back(std::unique_ptr<Connection> connection);

    const ConnectionOptions options_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_; at most one per thread exists
    bool stopping_ = false;                          // guarded by mutex_
    WorkerPool pool_;                                // last: its threads use the others
};

}  // namespace parley::storage::sqlite
