#include "auth/rate_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace parley::auth {

namespace {

using SecondsF = std::chrono::duration<double>;

std::chrono::seconds at_least_one(double seconds) {
    return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(seconds))));
}

std::string pair_key(std::string_view account, std::string_view address) {
    std::string key(account);
    key += '\n';
    key += address;
    return key;
}

}  // namespace

RateLimiter::RateLimiter(RateLimits limits, Clock::time_point (*now)())
    : limits_(limits),
      now_(now),
      auth_calls_(limits.max_entries),
      sign_ups_(limits.max_entries),
      sends_(limits.max_entries),
      marks_(limits.max_entries),
      failures_here_(limits.max_entries),
      failures_of_account_(limits.max_entries) {}

RateLimiter::Refusal RateLimiter::take(BoundedMap<Bucket>& buckets, std::string_view key, const Rate& rate) {
    if (!limits_.enabled) return std::nullopt;
    const auto now = now_();
    const double per_second = rate.count / SecondsF(rate.per).count();
    return buckets.update(key, [&](Bucket& bucket) -> Refusal {
        const double refill = bucket.tokens < 0 ? rate.burst : SecondsF(now - bucket.filled_at).count() * per_second;
        bucket.tokens = std::min(rate.burst, std::max(0.0, bucket.tokens) + refill);
        bucket.filled_at = now;
        if (bucket.tokens < 1) return at_least_one((1 - bucket.tokens) / per_second);
        bucket.tokens -= 1;
        return std::nullopt;
    });
}

RateLimiter::Refusal RateLimiter::admit_auth_call(std::string_view address) {
    return take(auth_calls_, address, limits_.auth_calls);
}

RateLimiter::Refusal RateLimiter::admit_sign_up(std::string_view address) {
    return take(sign_ups_, address, limits_.sign_ups);
}

RateLimiter::Refusal RateLimiter::admit_send(std::string_view user) {
    return take(sends_, user, limits_.sends);
}

RateLimiter::Refusal RateLimiter::admit_mark(std::string_view user) {
    return take(marks_, user, limits_.sends);
}

// Forgets what has left the window; if it is full, when the oldest will leave it.
RateLimiter::Refusal RateLimiter::full_until(Stamps& stamps, const Window& window, Clock::time_point now) {
    const auto expired = std::find_if(stamps.times.begin(), stamps.times.end(), [&](auto time) { return now - time < window.length; });
    stamps.times.erase(stamps.times.begin(), expired);
    if (stamps.times.size() < window.count) return std::nullopt;
    return at_least_one(SecondsF(stamps.times.front() + window.length - now).count());
}

bool RateLimiter::is_exhausted(std::string_view account) {
    if (!limits_.enabled) return false;
    const auto now = now_();
    return failures_of_account_.update(account,
                                       [&](Stamps& stamps) { return full_until(stamps, limits_.failures_of_account, now).has_value(); });
}

RateLimiter::Refusal RateLimiter::begin_log_in(std::string_view account, std::string_view address, bool known_address) {
    if (!limits_.enabled) return std::nullopt;
    const auto now = now_();
    const std::string pair = pair_key(account, address);
    const Refusal here = failures_here_.update(pair, [&](Stamps& stamps) {
        const Refusal full = full_until(stamps, limits_.failures_here, now);
        if (!full) stamps.times.push_back(now);
        return full;
    });
    if (here) return here;
    const Refusal anywhere = failures_of_account_.update(account, [&](Stamps& stamps) -> Refusal {
        const Refusal full = full_until(stamps, limits_.failures_of_account, now);
        if (full && !known_address) return full;
        if (!full) stamps.times.push_back(now);
        return std::nullopt;
    });
    // Refused after all: it was no attempt.
    if (anywhere) failures_here_.update(pair, drop_latest);
    return anywhere;
}

void RateLimiter::drop_latest(Stamps& stamps) {
    if (!stamps.times.empty()) stamps.times.pop_back();
}

// Takes back the latest attempt, whichever of several parallel ones it was: they differ by moments.
void RateLimiter::forgive(std::string_view account, std::string_view address) {
    if (!limits_.enabled) return;
    failures_here_.update(pair_key(account, address), drop_latest);
    failures_of_account_.update(account, drop_latest);
}

}  // namespace parley::auth
