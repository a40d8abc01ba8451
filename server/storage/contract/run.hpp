// Runner: lets a test, which is no coroutine, await Tasks: on one of its loops, or many at once spread over all of them.
// Threading: the test's thread. Ownership: declare it before (so that it is destroyed after) whatever the tasks wait for.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "parley/async/loop.hpp"

namespace parley::storage::contract {

class Runner {
public:
    explicit Runner(std::size_t loops = 4) : loops_(loops) { loops_.start(); }

    // Blocks until the task is done. A task that is dropped unfinished throws std::future_error.
    template <class T>
    T run(Task<T> task) {
        return start(std::move(task)).get();
    }

    // Starts every task before it waits for the first; results in the order of the tasks.
    template <class T>
    std::vector<T> run_all(std::vector<Task<T>> tasks) {
        std::vector<std::future<T>> futures;
        for (auto& task : tasks) futures.push_back(start(std::move(task)));
        std::vector<T> results;
        for (auto& future : futures) results.push_back(future.get());
        return results;
    }

    // The next loop takes it.
    template <class T>
    std::future<T> start(Task<T> task) {
        auto promise = std::make_shared<std::promise<T>>();
        auto future = promise->get_future();
        loops_[next_++ % loops_.size()].spawn(keep_promise(std::move(task), std::move(promise)));
        return future;
    }

private:
    template <class T>
    static Task<void> keep_promise(Task<T> task, std::shared_ptr<std::promise<T>> promise) {
        promise->set_value(co_await std::move(task));
    }

    LoopGroup loops_;
    std::size_t next_ = 0;
};

}  // namespace parley::storage::contract
