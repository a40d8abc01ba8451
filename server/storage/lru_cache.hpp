// LruCache: the `capacity` entries that were used last. Threading: none of its own.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace parley::storage {

template <class Key, class Value, class Hash = std::hash<Key>>
class LruCache {
public:
    explicit LruCache(std::size_t capacity) : capacity_(capacity) {}

    // nullptr: not here. The pointer is good until the next put() or clear().
    Value* find(const Key& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->second;
    }

    // Precondition: the key is not here.
    Value* put(const Key& key, Value value) {
        if (index_.size() >= capacity_) {
            index_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, std::move(value));
        index_.emplace(key, entries_.begin());
        return &entries_.front().second;
    }

    void clear() {
        index_.clear();
        entries_.clear();
    }

private:
    using Entries = std::list<std::pair<Key, Value>>;
    const std::size_t capacity_;
    Entries entries_;  // the last used first
    std::unordered_map<Key, typename Entries::iterator, Hash> index_;
};

}  // namespace parley::storage
