// Poller: many client connections and many deadlines on one thread, with as little between them and the kernel as can be: a measuring client must not
// be what is measured.
// Threading: none; everything happens within run_until().
#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

class Poller {
public:
    class Watcher {
    public:
        // `events` as epoll has them. Edge-triggered: take all there is.
        virtual void ready(std::uint32_t events) = 0;

    protected:
        ~Watcher() = default;
    };

    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // The watcher must outlive the turn in which it is removed (a closed descriptor removes itself).
    void watch(int fd, Watcher& watcher);
    void unwatch(int fd);

    // Calls `task` then, or as soon after as the connections allow; tasks of one time in the order given.
    void at(Clock::time_point time, std::function<void()> task);

    // Until `done` says so, or until `deadline`; false if it was the deadline.
    bool run_until(const std::function<bool()>& done, Clock::time_point deadline);

private:
    struct Task {
        Clock::time_point time;
        std::uint64_t number;
        std::function<void()> run;
        bool operator<(const Task& other) const { return time != other.time ? time > other.time : number > other.number; }
    };
    void run_due();
    timespec to_next(Clock::time_point deadline) const;

    int epoll_ = -1;
    std::uint64_t tasks_made_ = 0;
    std::priority_queue<Task> tasks_;  // the next one on top
};

}  // namespace bench
