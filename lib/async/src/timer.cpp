#include "parley/async/timer.hpp"

#include <algorithm>
#include <exception>

#include "parley/base/log.hpp"

namespace parley {

void TimerLink::unlink() {
    previous->next = next;
    next->previous = previous;
    next = previous = this;
}

void TimerLink::insert_before(TimerLink& other) {
    previous = other.previous;
    next = &other;
    previous->next = this;
    other.previous = this;
}

void Timer::arm(TimerWheel& wheel, std::chrono::milliseconds delay) {
    cancel();
    const auto due = wheel.now_() + std::clamp<std::chrono::milliseconds>(delay, std::chrono::milliseconds(0), kLongest);
    deadline_ = std::max(wheel.ticks_until(due) + 1, wheel.passed_);  // rounded up: never early
    insert_before(wheel.slots_[deadline_ % TimerWheel::kSlots]);
    if (wheel.on_arm_) wheel.on_arm_(wheel.on_arm_context_, wheel.time_of(deadline_));
}

std::uint64_t TimerWheel::ticks_until(Clock::time_point time) const {
    return time <= start_ ? 0 : static_cast<std::uint64_t>((time - start_) / kTick);
}

void TimerWheel::advance() {
    const std::uint64_t end = ticks_until(now_()) + 1;
    if (end <= passed_) return;

    // Due timers move to a list of their own first: a callback may change any slot, and may destroy timers that are due as well.
    TimerLink due;
    const std::uint64_t slots_to_look_at = std::min<std::uint64_t>(end - passed_, kSlots);
    for (std::uint64_t i = 0; i < slots_to_look_at; ++i) {
        TimerLink& slot = slots_[(passed_ + i) % kSlots];
        for (TimerLink* link = slot.next; link != &slot;) {
            TimerLink* next = link->next;
            if (static_cast<Timer*>(link)->deadline_ < end) {
                link->unlink();
                link->insert_before(due);
            }
            link = next;
        }
    }
    passed_ = end;
    while (!due.alone()) {
        auto* timer = static_cast<Timer*>(due.next);
        timer->cancel();
        try {
            timer->callback_(timer->context_);
        } catch (const std::exception& error) {
            log::error("defect: exception in a timer: {}", error.what());
        } catch (...) {
            log::error("defect: unknown exception in a timer");
        }
    }
}

std::optional<TimerWheel::Clock::time_point> TimerWheel::next_due() const {
    for (std::uint64_t tick = passed_; tick < passed_ + kSlots; ++tick) {
        if (!slots_[tick % kSlots].alone()) return time_of(tick);
    }
    return std::nullopt;
}

}  // namespace parley
