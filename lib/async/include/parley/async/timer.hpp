// Timer and TimerWheel: deadlines for many connections at the price of one.
// A Timer is a member of the object that it wakes: arming, re-arming and cancelling are O(1), allocate nothing and make no system call.
// The wheel is a hashed one (Varghese and Lauck, 1987): kSlots slots of kTick each; later deadlines stay in their slot for further turns.
// A timer never fires early, and at most two ticks late on an idle loop.
// Threading: loop-confined, wheel and timers alike.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace parley {

class TimerWheel;

// A node of a circular doubly linked list; alone it points to itself.
struct TimerLink {
    TimerLink* next = this;
    TimerLink* previous = this;

    TimerLink() = default;
    TimerLink(const TimerLink&) = delete;
    TimerLink& operator=(const TimerLink&) = delete;
    bool alone() const { return next == this; }
    void unlink();
    void insert_before(TimerLink& other);
};

class Timer : private TimerLink {
public:
    using Callback = void (*)(void* context);

    // The callback may arm and cancel any timer and may destroy the object that holds this one.
    Timer(Callback callback, void* context) : callback_(callback), context_(context) {}
    ~Timer() { cancel(); }

    // A callback for `object->method()`: Timer timer{Timer::call<Session, &Session::on_timer>, this};
    template <class Object, void (Object::*Method)()>
    static void call(void* context) {
        (static_cast<Object*>(context)->*Method)();
    }

    // Fires once, `delay` from now (kLongest at most). An armed timer is moved to the new deadline.
    static constexpr std::chrono::hours kLongest{24 * 365};
    void arm(TimerWheel& wheel, std::chrono::milliseconds delay);
    void cancel() { unlink(); }
    bool armed() const { return !alone(); }

private:
    friend class TimerWheel;

    Callback callback_;
    void* context_;
    std::uint64_t deadline_ = 0;  // in ticks since the wheel's start
};

class TimerWheel {
public:
    static constexpr std::chrono::milliseconds kTick{10};
    static constexpr std::size_t kSlots = 1024;
    using Clock = std::chrono::steady_clock;

    // `now` is the clock; a test may bring its own.
    explicit TimerWheel(Clock::time_point (*now)() = Clock::now) : now_(now), start_(now()) {}
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    // Fires what is due.
    void advance();

    // When advance() has something to do, at the earliest; nullopt when no timer is armed.
    std::optional<Clock::time_point> next_due() const;

    // Called when a timer is armed, with the time at which advance() must be called for it.
    void on_arm(void (*callback)(void* context, Clock::time_point due), void* context) {
        on_arm_ = callback;
        on_arm_context_ = context;
    }

private:
    friend class Timer;
    std::uint64_t ticks_until(Clock::time_point time) const;
    Clock::time_point time_of(std::uint64_t tick) const { return start_ + kTick * tick; }

    Clock::time_point (*now_)();
    Clock::time_point start_;
    std::uint64_t passed_ = 0;  // every tick below this one has been looked at
    std::array<TimerLink, kSlots> slots_;
    void (*on_arm_)(void*, Clock::time_point) = nullptr;
    void* on_arm_context_ = nullptr;
};

}  // namespace parley
