#include "storage/memory/session_store.hpp"

#include <algorithm>
#include <utility>

namespace parley::storage {

Task<Result<bool>> MemorySessionStore::revoke(std::string session, chat::Timestamp) {
    const std::scoped_lock lock(mutex_);
    revoked_.insert(std::move(session));
    co_return true;
}

bool MemorySessionStore::may_be_revoked(std::string_view session) const {
    const std::scoped_lock lock(mutex_);
    return revoked_.contains(std::string(session));
}

Task<Result<bool>> MemorySessionStore::is_revoked(std::string session) {
    const std::scoped_lock lock(mutex_);
    co_return revoked_.contains(session);
}

Task<Result<bool>> MemorySessionStore::remember_address(chat::UserId user, std::string address) {
    const std::scoped_lock lock(mutex_);
    auto& known = addresses_[user];
    std::erase(known, address);
    known.push_back(std::move(address));
    if (known.size() > chat::kMaxAddressesPerAccount) known.pop_front();
    co_return true;
}

Task<Result<bool>> MemorySessionStore::knows_address(chat::UserId user, std::string address) {
    const std::scoped_lock lock(mutex_);
    const auto known = addresses_.find(user);
    co_return known != addresses_.end() && std::ranges::find(known->second, address) != known->second.end();
}

}  // namespace parley::storage
