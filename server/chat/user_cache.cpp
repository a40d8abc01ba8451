#include "chat/user_cache.hpp"

#include <algorithm>
#include <utility>

namespace parley::chat {

UserCache::UserCache(std::size_t max_users, SteadyClock::duration fresh_for, SteadyClock::time_point (*now)())
    : max_in_generation_(std::max<std::size_t>(max_users / 2, 1)), fresh_for_(fresh_for), now_(now) {}

const User* UserCache::find_fresh(UserId id) const {
    for (const auto* generation : {&young_, &old_}) {
        const auto entry = generation->find(id);
        if (entry != generation->end() && now_() - entry->second.read_at < fresh_for_) return &entry->second.user;
    }
    return nullptr;
}

std::optional<User> UserCache::find(UserId id) const {
    const std::scoped_lock lock(mutex_);
    const User* const user = find_fresh(id);
    return user ? std::optional(*user) : std::nullopt;
}

bool UserCache::contains(UserId id) const {
    const std::scoped_lock lock(mutex_);
    return find_fresh(id) != nullptr;
}

UserCache::Ticket UserCache::ticket() const {
    const std::scoped_lock lock(mutex_);
    return forgotten_;
}

void UserCache::put(Ticket ticket, const User& user) {
    const std::scoped_lock lock(mutex_);
    if (ticket != forgotten_) return;
    if (young_.size() >= max_in_generation_ && !young_.contains(user.id)) old_ = std::exchange(young_, {});
    young_.insert_or_assign(user.id, Entry{user, now_()});
}

void UserCache::forget(UserId id) {
    const std::scoped_lock lock(mutex_);
    ++forgotten_;
    young_.erase(id);
    old_.erase(id);
}

}  // namespace parley::chat
