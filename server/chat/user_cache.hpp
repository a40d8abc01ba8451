// UserCache: users read a moment ago, so that a request does not cost a database read.
// Two generations: when the young one is full it becomes the old one, and what was the old one is forgotten. So it is bounded, and what is asked
// for often stays.
// Threading: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "chat/values.hpp"

namespace parley::chat {

class UserCache {
public:
    using SteadyClock = std::chrono::steady_clock;
    // A reading of the cache's state before the storage is asked; see put().
    using Ticket = std::uint64_t;

    // max_users: kept at most, half of them in each generation. fresh_for: how long an entry is believed. now: the clock.
    UserCache(std::size_t max_users, SteadyClock::duration fresh_for, SteadyClock::time_point (*now)());

    std::optional<User> find(UserId id) const;
    bool contains(UserId id) const;

    // A value read from storage goes in only if nothing was forgotten since ticket() was called: it may be the old one.
    Ticket ticket() const;
    void put(Ticket ticket, const User& user);

    void forget(UserId id);

private:
    struct Entry {
        User user;
        SteadyClock::time_point read_at;
    };
    using Generation = std::unordered_map<UserId, Entry>;

    const User* find_fresh(UserId id) const;  // needs the lock

    const std::size_t max_in_generation_;
    const SteadyClock::duration fresh_for_;
    SteadyClock::time_point (*const now_)();

    mutable std::mutex mutex_;
    Ticket forgotten_ = 0;  // guarded by mutex_, as are the following
    Generation young_;
    Generation old_;
};

}  // namespace parley::chat
