// PresencePace: when the online list goes out, and to whom. It knows no clock, no socket and no list: the hub tells it what happens and asks.
//
// Two kinds of sockets wait for a list: newcomers for their first one, and everybody when the list they have is no longer true (a *round*). What a
// list *costs* is the time that its bytes, once for each receiver, take at bytes_per_second.
// - While people keep coming and going a list is held back: a storm costs one round at its end, not many on the way. The crowd counts as calm when for
//   as long as the list costs (min_interval at most) nothing has come, or hardly anything beside what waits already. So a single
//   newcomer, and every list of a small crowd, goes out at once.
// - A list is held for as long as it costs at most, or min_interval if that is more, be it calm or not.
// - Rounds are min_interval apart at least, and paid for: the next one may begin when what is owed for the earlier ones costs no more than it does itself.
//   So after a quiet time two can follow each other, the change and what came of it; in the long run they are as far apart as they cost.
// - Newcomers' lists are min_interval apart; a round that is due first serves them too.
// Threading: none of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "parley/async/timer.hpp"

namespace parley::realtime {

struct PresenceOptions {
    std::chrono::milliseconds min_interval{100};
    std::uint64_t bytes_per_second = 200'000'000;  // of all rounds together, over a longer time; newcomers' lists are not counted in
};

class PresencePace {
public:
    using Time = TimerWheel::Clock::time_point;
    using Duration = TimerWheel::Clock::duration;
    struct Crowd {
        std::uint64_t list_bytes;
        std::uint64_t sockets;
    };
    enum class To : std::uint8_t { Nobody, Newcomers, Everybody };
    struct Step {
        To to;                      // whom to tell now
        std::optional<Time> again;  // when to ask again if that is nobody; nullopt: when something has happened
    };

    explicit PresencePace(PresenceOptions options) : options_(options) {}

    // A socket waits for its first list.
    void joined(Time now) { newcomers_.add(now); }
    // Somebody has come online or gone offline.
    void changed(Time now) { changes_.add(now); }

    Step next(Time now, const Crowd& crowd);
    void told_newcomers(Time now);
    // Newcomers are among them.
    void told_everybody(Time now, const Crowd& crowd);

private:
    // What has come since the last list, and how much of it lately.
    struct Waiting {
        std::uint64_t count = 0;
        std::uint64_t in_window = 0;
        Time since, last, window_begin;  // if there are any

        void add(Time now);
        bool few_lately() const;
        void start_window(Time now, Duration window);
        // When they are served unless more come, and when to look again at how many came.
        Time due(Duration window, Duration longest) const;
        Time look_again(Duration window, Duration longest) const;
    };

    Duration cost(std::uint64_t bytes) const;
    Duration window(Duration cost) const;
    Duration longest(Duration cost) const;

    const PresenceOptions options_;
    Waiting newcomers_;
    Waiting changes_;
    Time next_newcomers_{};  // not before
    Time next_round_{};      // not before
    Time paid_until_{};      // for all rounds up to now
};

}  // namespace parley::realtime
