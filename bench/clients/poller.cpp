#include "poller.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bench {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
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
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_to_next());
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

int Poller::milliseconds_to_next() const {
    constexpr int kLongest = 100;
    if (tasks_.empty()) return kLongest;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(tasks_.top().time - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, kLongest));
}

}  // namespace bench
