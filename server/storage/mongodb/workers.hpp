// Workers: threads that talk to MongoDB, each with a Client that never leaves it, and the bounded queue before them.
// A job that waited longer than `patience`, or that is taken while the link is down, is refused with Unavailable without being run; its commands end
// when `patience` has passed since it was queued.
// Threading: run() is awaited on a loop and resumes there. Ownership: destroyed before the loops and the link.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "parley/async/completion.hpp"
#include "storage/mongodb/client.hpp"

namespace parley::storage::mongodb {

class Workers {
public:
    using SteadyClock = std::chrono::steady_clock;

    Workers(Link& link, std::size_t threads, std::size_t max_waiting, std::chrono::milliseconds patience);
    ~Workers();  // stop()

    template <class T>
    Task<Result<T>> run(std::move_only_function<Result<T>(Client&)> work);

    // Any thread; nothing is awaited. False: it was not taken.
    bool post(std::move_only_function<void(Client&)> work);

    // Finishes what waits, then ends the threads. Idempotent.
    void stop();

private:
    struct Job {
        SteadyClock::time_point queued_at;
        // nullptr: refuse.
        std::move_only_function<void(Client*)> work;
    };
    bool submit(Job job);
    void work();

    Link& link_;
    const std::size_t max_waiting_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    std::vector<std::thread> threads_;
};

template <class T>
Task<Result<T>> Workers::run(std::move_only_function<Result<T>(Client&)> work) {
    const auto start = [&](Completer<Result<T>> completer) {
        auto shared = std::make_shared<Completer<Result<T>>>(std::move(completer));
        auto job = [shared, work = std::move(work)](Client* client) mutable {
            shared->complete(client ? work(*client) : Result<T>(database_unavailable()));
        };
        if (!submit({SteadyClock::now(), std::move(job)})) shared->complete(database_unavailable());
    };
    co_return co_await suspend<Result<T>>(start);
}

}  // namespace parley::storage::mongodb
