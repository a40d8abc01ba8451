// BoundedMap: a map from text that never holds more than its capacity: what was used longest ago goes first. For caches and for counters per address,
// which an attacker must not be able to grow.
// Threading: any thread; split into shards, each with a mutex. Functions passed in run under their shard's mutex and must not call back.
#pragma once

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace parley::auth {

template <class Value>
class BoundedMap {
public:
    static constexpr std::size_t kShards = 16;

    explicit BoundedMap(std::size_t capacity) : per_shard_(std::max<std::size_t>(1, capacity / kShards)) {}

    // The result of `function(Value&)` on the entry of that key, made if there is none.
    template <class Function>
    auto update(std::string_view key, Function function) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        return function(entry(shard, key));
    }

    std::optional<Value> find(std::string_view key) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.index.find(key);
        if (found == shard.index.end()) return std::nullopt;
        shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
        return found->second->second;
    }

    std::size_t size() {
        std::size_t sum = 0;
        for (Shard& shard : shards_) {
            const std::lock_guard lock(shard.mutex);
            sum += shard.index.size();
        }
        return sum;
    }

private:
    using Entries = std::list<std::pair<std::string, Value>>;  // latest used first
    struct Shard {
        std::mutex mutex;
        Entries entries;
        std::unordered_map<std::string_view, typename Entries::iterator> index;  // keys are views of the entries' own
    };

    Shard& shard_of(std::string_view key) { return shards_[std::hash<std::string_view>{}(key) / 7 % kShards]; }

    Value& entry(Shard& shard, std::string_view key) {
        const auto found = shard.index.find(key);
        if (found != shard.index.end()) {
            shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
            return found->second->second;
        }
        if (shard.index.size() >= per_shard_) {
            shard.index.erase(shard.entries.back().first);
            shard.entries.pop_back();
        }
        shard.entries.emplace_front(std::string(key), Value());
        shard.index.emplace(shard.entries.front().first, shard.entries.begin());
        return shard.entries.front().second;
    }

    const std::size_t per_shard_;
    std::array<Shard, kShards> shards_;
};

}  // namespace parley::auth
