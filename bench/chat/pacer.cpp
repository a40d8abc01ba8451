#include "chat/pacer.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace bench::chat {

Pacer::Pacer(Poller& poller, double rate, std::function<void(std::uint64_t)> due)
    : poller_(poller), rate_(rate), due_(std::move(due)), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (rate <= 0) throw std::runtime_error("a rate has to be above 0");
    if (timer_ < 0) throw std::runtime_error("timerfd_create failed");
    poller_.watch(timer_, *this);
}

Pacer::~Pacer() {
    poller_.unwatch(timer_);
    ::close(timer_);
}

void Pacer::start(Clock::time_point begin) {
    begin_ = begin;
    called_ = 0;
    running_ = true;
    arm();
}

void Pacer::stop() {
    running_ = false;
}

Clock::time_point Pacer::planned(std::uint64_t number) const {
    return begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(number) / rate_));
}

void Pacer::ready(std::uint32_t) {
    const auto now = Clock::now();
    while (running_ && planned(called_) <= now) due_(called_++);
    if (running_) arm();
}

// steady_clock is CLOCK_MONOTONIC. A time that is over fires at once.
void Pacer::arm() {
    const auto time = planned(called_).time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    itimerspec at{};
    at.it_value.tv_sec = seconds.count();
    at.it_value.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds).count();
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
}

}  // namespace bench::chat
