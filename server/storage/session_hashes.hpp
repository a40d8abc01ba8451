// SessionHashes: which sessions may have been revoked, as 64-bit hashes (some 40 bytes of memory each). "No" is certain; a "yes" has to be looked up
// in the storage, because two sessions may share a hash and an entry may outlive what it stands for. Entries are never erased one by one, for the
// same reason: the whole set is loaded anew from time to time.
// Threading: any thread, but one reload at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace parley::storage {

class SessionHashes {
public:
    // False: it was there already.
    bool insert(std::string_view session) {
        const std::unique_lock lock(mutex_);
        const std::uint64_t hash = hash_of(session);
        if (next_) next_->insert(hash);
        return hashes_.insert(hash).second;
    }
    bool contains(std::string_view session) const {
        const std::shared_lock lock(mutex_);
        return hashes_.contains(hash_of(session));
    }
    std::size_t size() const {
        const std::shared_lock lock(mutex_);
        return hashes_.size();
    }

    // A reload replaces the entries by those of the sessions given to reload(), and those inserted since it was begun. The old ones are good until
    // it ends; one that never ends changes nothing.
    void begin_reload() {
        const std::unique_lock lock(mutex_);
        next_.emplace();
    }
    // False: it was there before the reload.
    bool reload(std::string_view session) {
        const std::unique_lock lock(mutex_);
        const std::uint64_t hash = hash_of(session);
        next_->insert(hash);
        return !hashes_.contains(hash);
    }
    void end_reload() {
        const std::unique_lock lock(mutex_);
        hashes_ = *std::exchange(next_, std::nullopt);
    }

private:
    static std::uint64_t hash_of(std::string_view session) { return std::hash<std::string_view>{}(session); }

    mutable std::shared_mutex mutex_;
    std::unordered_set<std::uint64_t> hashes_;               // guarded by mutex_
    std::optional<std::unordered_set<std::uint64_t>> next_;  // guarded by mutex_: during a reload
};

}  // namespace parley::storage
