// WorkerPool: a few threads with a bounded queue, for work that blocks or computes for long (password hashes, files).
// Threading: run() is awaited on a loop and resumes there; the job itself runs on a worker thread.
// Ownership: destroy a pool before the loops that await it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "parley/async/completion.hpp"
#include "parley/base/result.hpp"

namespace parley {

class WorkerPool {
public:
    using Job = std::move_only_function<void()>;

    // max_waiting: jobs that may wait for a thread; one more is refused. name: of the threads, at most 12 characters.
    WorkerPool(std::string name, std::size_t threads, std::size_t max_waiting);
    ~WorkerPool();  // finishes the jobs that run, drops those that wait

    // Any thread. False when the queue is full or the pool stops: the job was not taken.
    bool try_post(Job job);

    // Awaits `job()` on a worker. Unavailable when the queue is full. The job must not throw.
    template <class F>
    Task<Result<std::invoke_result_t<F>>> run(F job) {
        using T = std::invoke_result_t<F>;
        const auto start = [this, &job](Completer<Result<T>> completer) {
            auto shared = std::make_shared<Completer<Result<T>>>(std::move(completer));
            const bool taken = try_post([shared, job = std::move(job)]() mutable { shared->complete(job()); });
            if (!taken) shared->complete(fail(ErrorCode::Unavailable, "the server is busy, try again"));
        };
        co_return co_await suspend<Result<T>>(start);
    }

    std::size_t waiting() const;

private:
    void work();

    const std::size_t max_waiting_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace parley
