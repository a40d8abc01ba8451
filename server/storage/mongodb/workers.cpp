#include "storage/mongodb/workers.hpp"

#include <fmt/core.h>
#include <pthread.h>

namespace parley::storage::mongodb {

Workers::Workers(Link& link, std::size_t threads, std::size_t max_waiting, std::chrono::milliseconds patience)
    : link_(link), max_waiting_(max_waiting), patience_(patience) {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, i] {
            pthread_setname_np(pthread_self(), fmt::format("mongo-{}", i).c_str());
            work();
        });
    }
}

Workers::~Workers() {
    stop();
}

bool Workers::post(std::move_only_function<void(Client&)> work) {
    return submit({SteadyClock::now(), [work = std::move(work)](Client* client) mutable {
                       if (client) work(*client);
                   }});
}

bool Workers::submit(Job job) {
    if (!link_.usable()) return false;
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_ || jobs_.size() >= max_waiting_) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Workers::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void Workers::work() {
    Client client(link_);
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        const bool in_time = SteadyClock::now() - job.queued_at < patience_;
        client.set_deadline(job.queued_at + patience_);
        job.work(in_time && link_.usable() ? &client : nullptr);
        job.work = nullptr;
        lock.lock();
    }
}

}  // namespace parley::storage::mongodb
