#include "realtime/presence_pace.hpp"

#include <algorithm>

namespace parley::realtime {
namespace {

constexpr std::uint64_t kHardlyAny = 32;  // one in so many

}  // namespace

void PresencePace::Waiting::add(Time now) {
    if (count++ == 0) since = window_begin = now;
    ++in_window;
    last = now;
}

bool PresencePace::Waiting::few_lately() const {
    return in_window <= std::max<std::uint64_t>(1, count / kHardlyAny);
}

void PresencePace::Waiting::start_window(Time now, Duration window) {
    if (few_lately() || now < window_begin + window) return;
    window_begin = now;
    in_window = 0;
}

PresencePace::Time PresencePace::Waiting::due(Duration window, Duration longest) const {
    const Time calm_since = few_lately() ? std::min(window_begin, last) : last;
    return std::min(calm_since + window, since + longest);
}

PresencePace::Time PresencePace::Waiting::look_again(Duration window, Duration longest) const {
    return std::min(due(window, longest), window_begin + window);
}

PresencePace::Duration PresencePace::cost(std::uint64_t bytes) const {
    return std::chrono::microseconds(bytes * 1'000'000 / options_.bytes_per_second);
}

PresencePace::Duration PresencePace::window(Duration cost) const {
    return std::min<Duration>(cost, options_.min_interval);
}

PresencePace::Duration PresencePace::longest(Duration cost) const {
    return std::max<Duration>(cost, options_.min_interval);
}

PresencePace::Step PresencePace::next(Time now, const Crowd& crowd) {
    const Duration round = cost(crowd.list_bytes * crowd.sockets);
    const Duration first_lists = cost(crowd.list_bytes * newcomers_.count);
    Step step{To::Nobody, std::nullopt};
    const auto consider = [&](Waiting& waiting, Duration costs, Time not_before, To to) {
        if (waiting.count == 0 || step.to != To::Nobody) return;
        waiting.start_window(now, window(costs));
        const Time at = std::max(waiting.due(window(costs), longest(costs)), not_before);
        if (at <= now) {
            step.to = to;
            return;
        }
        const Time look = std::max(waiting.look_again(window(costs), longest(costs)), not_before);
        step.again = std::min(look, step.again.value_or(look));
    };
    consider(changes_, round, std::max(next_round_, paid_until_ - round), To::Everybody);
    consider(newcomers_, first_lists, next_newcomers_, To::Newcomers);
    return step;
}

void PresencePace::told_newcomers(Time now) {
    newcomers_ = {};
    next_newcomers_ = now + options_.min_interval;
}

void PresencePace::told_everybody(Time now, const Crowd& crowd) {
    told_newcomers(now);
    changes_ = {};
    next_round_ = now + options_.min_interval;
    paid_until_ = std::max(paid_until_, now) + cost(crowd.list_bytes * crowd.sockets);
}

}  // namespace parley::realtime
