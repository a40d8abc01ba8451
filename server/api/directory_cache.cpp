#include "api/directory_cache.hpp"

#include <algorithm>

namespace parley::api {

void RenderedUsers::add(const dialect::Dialect& dialect, const chat::User& user) {
    if (!text_.empty()) text_ += ',';
    const auto begin = static_cast<std::uint32_t>(text_.size());
    dialect.append_user(text_, user);
    entries_.push_back({user.id, begin, static_cast<std::uint32_t>(text_.size())});
}

void RenderedUsers::finish() {
    std::ranges::sort(entries_, {}, &Entry::id);
}

std::string RenderedUsers::array_without(chat::UserId caller) const {
    const auto entry = std::ranges::lower_bound(entries_, caller, {}, &Entry::id);
    const bool listed = entry != entries_.end() && entry->id == caller;
    const std::string_view text = text_;
    // With the comma after it, or, for the last one, the comma before it.
    const std::size_t begin = !listed ? text.size() : entry->end == text.size() && entry->begin > 0 ? entry->begin - 1 : entry->begin;
    const std::size_t end = !listed ? text.size() : std::min<std::size_t>(entry->end + 1, text.size());
    std::string array;
    array.reserve(text.size() + 2);
    array += '[';
    array += text.substr(0, begin);
    array += text.substr(end);
    array += ']';
    return array;
}

std::shared_ptr<const RenderedUsers> DirectoryCache::find(const std::string& version) const {
    const std::lock_guard lock(mutex_);
    return version == version_ ? users_ : nullptr;
}

void DirectoryCache::put(std::string version, std::shared_ptr<const RenderedUsers> users) {
    const std::lock_guard lock(mutex_);
    version_ = std::move(version);
    users_ = std::move(users);
}

}  // namespace parley::api
