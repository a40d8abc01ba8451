#include "storage/memory/user_store.hpp"

#include <charconv>
#include <utility>

#include "chat/username.hpp"
#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::storage {

MemoryUserStore::MemoryUserStore(chat::Clock clock) : clock_(std::move(clock)), instance_(hex_encode(random_bytes(8))) {}

Task<Result<chat::User>> MemoryUserStore::create(chat::NewUser user) {
    const std::scoped_lock lock(mutex_);
    if (by_username_.contains(user.username) || by_key_.contains(user.username_key)) {
        co_return fail(ErrorCode::AlreadyExists, "Username already exists");
    }
    const auto now = clock_();
    const auto position = ++last_position_;
    ++changes_;
    by_id_[user.id] = position;
    by_username_[user.username] = position;
    by_key_[user.username_key] = position;
    Row& row = rows_[position];
    row = {.user = user.signed_up(now), .key = std::move(user.username_key), .searched_full_name = "", .searched_username = ""};
    row.searched_full_name = chat::search_key(row.user.full_name);
    row.searched_username = chat::search_key(row.user.username);
    co_return row.user;
}

template <class Index, class Key>
std::optional<chat::User> MemoryUserStore::find_in(const Index& index, const Key& key) const {
    const std::scoped_lock lock(mutex_);
    const auto found = index.find(key);
    if (found == index.end()) return std::nullopt;
    return rows_.at(found->second).user;
}

Task<Result<std::optional<chat::User>>> MemoryUserStore::find(chat::UserId id) {
    co_return find_in(by_id_, id);
}

Task<Result<std::optional<chat::User>>> MemoryUserStore::find_by_username(std::string username) {
    co_return find_in(by_username_, username);
}

Task<Result<std::optional<chat::User>>> MemoryUserStore::find_by_username_key(std::string key) {
    co_return find_in(by_key_, key);
}

// A cursor is the position of the last user of a page.
Result<MemoryUserStore::Position> MemoryUserStore::parse_cursor(const std::string& cursor) const {
    Position position = 0;
    if (cursor.empty()) return position;
    const auto* end = cursor.data() + cursor.size();
    const auto [stop, error] = std::from_chars(cursor.data(), end, position);
    if (error != std::errc{} || stop != end || position > last_position_) return fail(ErrorCode::InvalidArgument, "Invalid cursor");
    return position;
}

Task<Result<chat::UserPage>> MemoryUserStore::list(chat::DirectoryQuery query) {
    const auto text = chat::search_key(query.text);
    const std::scoped_lock lock(mutex_);
    CO_TRY(auto position, parse_cursor(query.after));
    chat::UserPage page;
    for (auto row = rows_.upper_bound(position); row != rows_.end(); ++row) {
        const auto& [place, stored] = *row;
        if (!stored.searched_full_name.contains(text) && !stored.searched_username.contains(text)) continue;
        if (page.users.size() == query.limit) {
            page.next = std::to_string(position);
            break;
        }
        position = place;
        page.users.push_back(stored.user);
        page.users.back().password_hash.clear();
    }
    co_return page;
}

Task<Result<std::string>> MemoryUserStore::directory_version() {
    const std::scoped_lock lock(mutex_);
    co_return instance_ + "-" + std::to_string(changes_);
}

Task<Result<bool>> MemoryUserStore::remove(chat::UserId id) {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) co_return fail(ErrorCode::NotFound, "User not found");
    const auto row = rows_.find(found->second);
    by_username_.erase(row->second.user.username);
    by_key_.erase(row->second.key);
    rows_.erase(row);
    by_id_.erase(found);
    ++changes_;
    co_return true;
}

}  // namespace parley::storage
