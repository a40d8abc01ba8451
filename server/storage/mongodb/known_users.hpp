// KnownUsers: who was found to exist a moment ago, so that a send need not ask. An account that another server removes is believed in for kBelievedFor.
// Threading: any thread.
#pragma once

#include <chrono>
#include <mutex>

#include "chat/values.hpp"
#include "storage/lru_cache.hpp"

namespace parley::storage::mongodb {

class KnownUsers {
public:
    using SteadyClock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kBelievedFor{5};

    bool knows(chat::UserId user) {
        const std::scoped_lock lock(mutex_);
        const auto* const seen_at = users_.find(user);
        return seen_at && SteadyClock::now() - *seen_at < kBelievedFor;
    }

    // asked_at: before the database was asked.
    void put(chat::UserId user, SteadyClock::time_point asked_at) {
        const std::scoped_lock lock(mutex_);
        if (asked_at <= cleared_at_) return;
        if (auto* const seen_at = users_.find(user)) {
            *seen_at = asked_at;
        } else {
            users_.put(user, asked_at);
        }
    }

    // Somebody was removed: nobody is believed in any more.
    void clear() {
        const std::scoped_lock lock(mutex_);
        users_.clear();
        cleared_at_ = SteadyClock::now();
    }

private:
    static constexpr std::size_t kRemembered = 16'384;
    std::mutex mutex_;
    LruCache<chat::UserId, SteadyClock::time_point> users_{kRemembered};  // guarded by mutex_
    SteadyClock::time_point cleared_at_{};                                // guarded by mutex_
};

}  // namespace parley::storage::mongodb
