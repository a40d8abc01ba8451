#include "api/history_cache.hpp"

#include <algorithm>

namespace parley::api {

HistoryCache::Key HistoryCache::key_of(chat::UserId one, chat::UserId other) {
    Key key;
    for (const chat::UserId& id : {std::min(one, other), std::max(one, other)}) key.append(id.bytes.begin(), id.bytes.end());
    return key;
}

SharedBytes HistoryCache::find(chat::UserId one, chat::UserId other, const std::string& version) {
    const Key key = key_of(one, other);
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end() || found->second->version != version) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->json;
}

void HistoryCache::put(chat::UserId one, chat::UserId other, std::string version, SharedBytes json) {
    if (json->size() > kLargest) return;
    Key key = key_of(one, other);
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) erase(found->second);
    bytes_ += json->size() + kOverhead;
    entries_.push_front({key, std::move(version), std::move(json)});
    index_.emplace(std::move(key), entries_.begin());
    while (bytes_ > max_bytes_) erase(std::prev(entries_.end()));
}

void HistoryCache::erase(Entries::iterator entry) {
    bytes_ -= entry->json->size() + kOverhead;
    index_.erase(entry->key);
    entries_.erase(entry);
}

}  // namespace parley::api
