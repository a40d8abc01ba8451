#include "api/directory_cache.hpp"

#include <algorithm>

namespace parley::api {

void RenderedUsers::add(const dialect::Dialect& dialect, const chat::User& user) {
    if (!entries_.empty()) text_ += ',';
    const auto begin = static_cast<std::uint32_t>(text_.size());
    dialect.append_user(text_, user);
    entries_.push_back({user.id, begin, static_cast<std::uint32_t>(text_.size())});
}

void RenderedUsers::finish(End end) {
    if (end == End::Close) text_ += ']';
    text_.shrink_to_fit();
    finished_ = share(std::move(text_));
    std::ranges::sort(entries_, {}, &Entry::id);
}

std::pair<std::string_view, std::string_view> RenderedUsers::around(chat::UserId caller) const {
    const std::string_view text = *finished_;
    const auto entry = std::ranges::lower_bound(entries_, caller, {}, &Entry::id);
    if (entry == entries_.end() || entry->id != caller) return {text, {}};
    const bool comma_before = text[entry->begin - 1] == ',';
    const bool comma_behind = entry->end < text.size() && text[entry->end] == ',';
    const std::size_t begin = comma_before ? entry->begin - 1 : entry->begin;
    return {text.substr(0, begin), text.substr(!comma_before && comma_behind ? entry->end + 1 : entry->end)};
}

net::Body RenderedUsers::body_without(chat::UserId caller) const {
    const auto [before, behind] = around(caller);
    return std::vector<net::SharedPart>{{finished_, before}, {finished_, behind}};
}

std::string RenderedUsers::text_without(chat::UserId caller) const {
    const auto [before, behind] = around(caller);
    return std::string(before).append(behind);
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
