// Pacer: calls at planned times, `rate` a second, however late the last call was: the plan never slips. Wakes to the microsecond, where the poller's own
// deadlines know milliseconds.
#pragma once

#include <cstdint>
#include <functional>

#include "clients/poller.hpp"

namespace bench::chat {

class Pacer final : private Poller::Watcher {
public:
    // `due` gets the numbers 0, 1, … in order.
    Pacer(Poller& poller, double rate, std::function<void(std::uint64_t)> due);
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;

    void start(Clock::time_point begin);
    void stop();

    Clock::time_point planned(std::uint64_t number) const;
    std::uint64_t called() const { return called_; }

private:
    void ready(std::uint32_t events) override;
    void arm();

    Poller& poller_;
    const double rate_;
    const std::function<void(std::uint64_t)> due_;
    int timer_ = -1;
    bool running_ = false;
    Clock::time_point begin_{};
    std::uint64_t called_ = 0;
};

}  // namespace bench::chat
