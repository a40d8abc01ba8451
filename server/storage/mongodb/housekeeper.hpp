// Housekeeper: the clock of what the storage does without being asked. Every job has a period; when it is over the job is handed to the workers. A
// job never runs twice at once and never piles up: while its last run waits or works, while the link is not usable, and when the workers have too
// much to do, it is simply not due.
// It also removes what is past its time from collections for which the database makes no TTL index (sweep()).
// Threading: every() and sweep() from any thread, also after start(); jobs run on the workers' threads.
// Ownership: stop() it, then the workers, then destroy what the jobs use: a job that was handed over may still run after stop().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chat/values.hpp"
#include "storage/mongodb/workers.hpp"

namespace parley::storage::mongodb {

class Housekeeper {
public:
    using Job = std::function<void(Client&)>;
    static constexpr std::chrono::minutes kSweepEvery{1};
    static constexpr int kSweepStep = 500;         // documents removed by one command
    static constexpr int kSweepStepsPerRun = 100;  // the rest waits for the next minute

    // clock: by which documents expire.
    Housekeeper(Workers& workers, const Link& link, chat::Clock clock = chat::system_now)
        : workers_(workers), link_(link), clock_(std::move(clock)) {}
    ~Housekeeper();  // stop()

    void start();
    void stop();

    // The first run is due at once.
    void every(std::chrono::milliseconds period, Job job);
    // Removes the documents whose `field` is a time that has passed, every minute. A second call for the same does nothing.
    void sweep(std::string collection, std::string field);

private:
    using SteadyClock = std::chrono::steady_clock;
    struct Entry {
        std::chrono::milliseconds period;
        Job job;
        SteadyClock::time_point due;
        bool in_hand() const { return running.use_count() > 1; }
        std::shared_ptr<int> running = std::make_shared<int>();  // shared with the run that the workers have
    };

    void work();
    void hand_over(Entry& entry);

    Workers& workers_;
    const Link& link_;
    const chat::Clock clock_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Entry> entries_;                               // guarded by mutex_
    std::vector<std::pair<std::string, std::string>> sweeps_;  // guarded by mutex_
    bool stopping_ = false;                                    // guarded by mutex_
    std::thread thread_;
};

}  // namespace parley::storage::mongodb
