// RateLimiter: how often an address may call, a person may send, and somebody may guess a password. Counts in memory, for this process alone; a restart
// forgets. Steady rates are token buckets; guesses are exact sliding windows.
// Keys are texts: an address as `api/` writes it (IPv6 by /64), an account's id or whatever names an unknown one.
// Threading: any thread. Memory: at most `max_entries` per limit; beyond it whoever was seen longest ago is forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/bounded_map.hpp"

namespace parley::auth {

// `burst` at once, refilled at `count` per `per`.
struct Rate {
    double count;
    std::chrono::seconds per;
    double burst;
};

// At most `count` in any stretch of `length`.
struct Window {
    std::size_t count;
    std::chrono::milliseconds length;
};

struct RateLimits {
    bool enabled = true;
    Rate auth_calls{30, std::chrono::seconds(60), 20};        // sign-ups and log-ins per address
    Rate sign_ups{60, std::chrono::seconds(3600), 60};        // per address
    Rate sends{20, std::chrono::seconds(1), 100};             // per user
    Window failures_here{10, std::chrono::seconds(15 * 60)};  // failed log-ins per account and address
    Window failures_of_account{100,
                               std::chrono::seconds(3600)};  // failed log-ins per account from anywhere; then only addresses it knows pass
    std::size_t max_entries = 100'000;                       // per limit; an entry costs 150 to 1,000 bytes
};

class RateLimiter {
public:
    using Clock = std::chrono::steady_clock;
    // nullopt: go on. Else refused, and when to come back, at least one second.
    using Refusal = std::optional<std::chrono::seconds>;

    // `now` is the clock; a test may bring its own.
    explicit RateLimiter(RateLimits limits, Clock::time_point (*now)() = Clock::now);

    Refusal admit_auth_call(std::string_view address);
    Refusal admit_sign_up(std::string_view address);
    Refusal admit_send(std::string_view user);
    Refusal admit_mark(std::string_view user);  // of reading: a change as dear as a message, limited like them and apart from them

    // Guessing passwords. An attempt counts as a failure from its start until forgive() takes it back, so that parallel guesses count too; a refused
    // one does not count. `known_address`: the account has logged in from there before, so it passes where others have used up the account's window.
    Refusal begin_log_in(std::string_view account, std::string_view address, bool known_address);
    void forgive(std::string_view account, std::string_view address);
    // True if only known addresses pass: the one case in which it matters whether one is.
    bool is_exhausted(std::string_view account);

    bool enabled() const { return limits_.enabled; }

private:
    struct Bucket {
        double tokens = -1;  // -1: new
        Clock::time_point filled_at;
    };
    struct Stamps {
        std::vector<Clock::time_point> times;  // ascending
    };

    Refusal take(BoundedMap<Bucket>& buckets, std::string_view key, const Rate& rate);
    static Refusal full_until(Stamps& stamps, const Window& window, Clock::time_point now);
    static void drop_latest(Stamps& stamps);

    const RateLimits limits_;
    Clock::time_point (*const now_)();
    BoundedMap<Bucket> auth_calls_;
    BoundedMap<Bucket> sign_ups_;
    BoundedMap<Bucket> sends_;
    BoundedMap<Bucket> marks_;
    BoundedMap<Stamps> failures_here_;
    BoundedMap<Stamps> failures_of_account_;
};

}  // namespace parley::auth
