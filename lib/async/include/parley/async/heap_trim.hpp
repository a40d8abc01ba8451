// HeapTrim: gives the heap's free pages back to the system when a crowd has left.
// A heap keeps what was freed for whoever comes next, and with reason; but after a mass disconnect that may be most of a server's memory, for ever.
// Whoever owns many objects that come and go together (connections) says when each arrives and leaves. Once half of them have gone, kCrowd at least,
// and no more leave for kQuiet, the free pages of the whole process are returned. Coming and going at a steady level never causes it.
// Cost: some milliseconds on the loop's thread for each 100 MB that are given back, once per crowd.
// Threading: loop-confined.
#pragma once

#include <chrono>
#include <cstddef>

#include "parley/async/timer.hpp"

namespace parley {

class HeapTrim {
public:
    static constexpr std::size_t kCrowd = 500;
    static constexpr std::chrono::milliseconds kQuiet{1'000};

    // malloc_trim where there is glibc's allocator; nothing elsewhere.
    static void give_back();

    // A test may bring its own action.
    explicit HeapTrim(TimerWheel& wheel, void (*action)() = give_back) : wheel_(wheel), action_(action) {}

    void arrived() {
        if (++present_ > peak_) peak_ = present_;
    }
    void left() {
        --present_;
        if (crowd_has_left() && !timer_.armed()) watch();
    }

private:
    bool crowd_has_left() const { return peak_ - present_ >= kCrowd && present_ <= peak_ / 2; }
    void watch();
    void on_timer();

    TimerWheel& wheel_;
    void (*const action_)();
    Timer timer_{Timer::call<HeapTrim, &HeapTrim::on_timer>, this};
    std::size_t present_ = 0;
    std::size_t peak_ = 0;  // since the last time
    std::size_t watched_from_ = 0;
};

}  // namespace parley
