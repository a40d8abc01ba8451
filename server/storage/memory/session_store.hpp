// MemorySessionStore: chat::SessionStore in this process's memory, for tests. Forgets nothing while it lives but addresses beyond the 32 latest.
// Threading: any thread; one mutex, no call waits for anything else.
#pragma once

#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "chat/session_store.hpp"

namespace parley::storage {

class MemorySessionStore : public chat::SessionStore {
public:
    Task<Result<bool>> revoke(std::string session, chat::Timestamp expires_at) override;
    bool may_be_revoked(std::string_view session) const override;
    Task<Result<bool>> is_revoked(std::string session) override;
    Task<Result<bool>> remember_address(chat::UserId user, std::string address) override;
    Task<Result<bool>> knows_address(chat::UserId user, std::string address) override;

private:
    mutable std::mutex mutex_;
    std::unordered_set<std::string> revoked_;                              // guarded by mutex_
    std::unordered_map<chat::UserId, std::deque<std::string>> addresses_;  // guarded by mutex_; the latest at the back
};

}  // namespace parley::storage
