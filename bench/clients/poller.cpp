#include "poller.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bench {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
    ::prctl(PR_SET_TIMERSLACK, 1UL);  // nanosecond: tasks at their time, not 50 us later
}

Poller::~Poller() {
    ::close(epoll_);
}

void Poller::watch(int fd, Watcher& watcher) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &watcher;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) throw std::runtime_error("epoll_ctl failed");
}

void Poller::unwatch(int fd) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::at(Clock::time_point time, std::function<void()> task) {
    tasks_.push({time, tasks_made_++, std::move(task)});
}

bool Poller::run_until(const std::function<bool()>& done, Clock::time_point deadline) {
    std::array<epoll_event, 256> events;
    while (!done()) {
        if (Clock::now() >= deadline) return false;
        const timespec wait = to_next(deadline);
        const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            static_cast<Watcher*>(event.data.ptr)->ready(event.events);
        }
        run_due();
    }
    return true;
}

void Poller::run_due() {
    const auto now = Clock::now();
    while (!tasks_.empty() && tasks_.top().time <= now) {
        const auto run = tasks_.top().run;
        tasks_.pop();
        run();
    }
}

timespec Poller::to_next(Clock::time_point deadline) const {
    constexpr std::chrono::nanoseconds kLongest = std::chrono::milliseconds(100);
    const Clock::time_point next = tasks_.empty() ? deadline : std::min(deadline, tasks_.top().time);
    return {0, std::clamp<std::chrono::nanoseconds>(next - Clock::now(), std::chrono::nanoseconds(0), kLongest).count()};
}

}  // namespace bench
