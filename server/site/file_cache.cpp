#include "site/file_cache.hpp"

#include <algorithm>

namespace parley::site {
namespace {

std::size_t cost_of(const FileCache::Entry& entry) {
    return (entry.bytes ? entry.bytes->size() : 0) + FileCache::kEntryBytes;
}

}  // namespace

std::optional<FileCache::Entry> FileCache::find(const std::string& name) {
    std::lock_guard lock(mutex_);
    const auto slot = slots_.find(name);
    if (slot == slots_.end()) return std::nullopt;
    slot->second.used = ++uses_;
    return slot->second.entry;
}

void FileCache::put(const std::string& name, Entry entry) {
    const std::size_t cost = cost_of(entry);
    if (cost > max_bytes_ / 4) return;
    std::lock_guard lock(mutex_);
    if (const auto old = slots_.find(name); old != slots_.end()) remove(old);
    // A folder has few files that are small and asked for: a scan is cheaper than a list kept in order.
    while (bytes_ + cost > max_bytes_) remove(std::ranges::min_element(slots_, {}, [](const auto& slot) { return slot.second.used; }));
    bytes_ += cost;
    slots_.emplace(name, Slot{std::move(entry), ++uses_});
}

void FileCache::confirm(const std::string& name, const Stamp& stamp, Clock::time_point now) {
    std::lock_guard lock(mutex_);
    const auto slot = slots_.find(name);
    if (slot != slots_.end() && slot->second.entry.stamp == stamp) slot->second.entry.checked = now;
}

void FileCache::erase(const std::string& name) {
    std::lock_guard lock(mutex_);
    if (const auto slot = slots_.find(name); slot != slots_.end()) remove(slot);
}

std::size_t FileCache::bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
}

void FileCache::remove(std::map<std::string, Slot>::iterator slot) {
    bytes_ -= cost_of(slot->second.entry);
    slots_.erase(slot);
}

}  // namespace parley::site
