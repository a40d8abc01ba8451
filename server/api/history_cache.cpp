#include "api/history_cache.hpp"

namespace parley::api {

SharedBytes HistoryCache::find(chat::UserId one, chat::UserId other, const std::string& version) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(chat::Pair::of(one, other));
    if (found == index_.end() || found->second->version != version) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->json;
}

void HistoryCache::put(chat::UserId one, chat::UserId other, std::string version, SharedBytes json) {
    if (json->size() > kLargest) return;
    const chat::Pair pair = chat::Pair::of(one, other);
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(pair); found != index_.end()) erase(found->second);
    bytes_ += json->size() + kOverhead;
    entries_.push_front({pair, std::move(version), std::move(json)});
    index_.emplace(pair, entries_.begin());
    while (bytes_ > max_bytes_) erase(std::prev(entries_.end()));
}

void HistoryCache::erase(Entries::iterator entry) {
    bytes_ -= entry->json->size() + kOverhead;
    index_.erase(entry->pair);
    entries_.erase(entry);
}

}  // namespace parley::api
