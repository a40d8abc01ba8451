#include "chat/online_lists.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "chat/people.hpp"

namespace bench::chat {
namespace {

constexpr std::size_t kLookers = 256;
constexpr std::size_t kDigits = 24;
constexpr std::size_t kItem = kDigits + 3;  // quotes and a comma

std::uint64_t mix(std::uint64_t value) {
    value = (value ^ value >> 32) * 0x9e3779b97f4a7c15;
    return value ^ value >> 29;
}

std::uint64_t hash_of_id(std::string_view digits) {
    std::array<std::uint64_t, kDigits / 8> words;
    std::memcpy(words.data(), digits.data(), kDigits);
    return mix(mix(mix(words[0]) + words[1]) + words[2]);
}

}  // namespace

OnlineLists::OnlineLists(std::size_t users) : is_right_(users) {
    hashes_.reserve(users);
    for (std::size_t i = 0; i < users; ++i) hashes_.push_back(hash_of_id(user_id(i)));
}

void OnlineLists::choose_lookers(Crowd& crowd) const {
    const std::size_t step = std::max<std::size_t>(1, crowd.size() / kLookers);
    for (std::size_t i = 0; i < crowd.size(); i += step) crowd.socket(i).look();
}

void OnlineLists::set_online(std::size_t user, bool online) {
    online ? ++online_ : --online_;
    expected_ += online ? hashes_[user] : -hashes_[user];
}

void OnlineLists::expect_news() {
    is_right_.assign(is_right_.size(), false);
    right_ = 0;
}

void OnlineLists::heard_list(std::size_t number, std::size_t count, std::string_view ids) {
    ++heard_;
    const bool right = count == online_ && (ids.empty() || hash(ids) == expected_);
    if (is_right_[number]) --right_;
    if (right) ++right_;
    is_right_[number] = right;
}

std::uint64_t OnlineLists::hash(std::string_view ids) {
    std::uint64_t sum = 0;
    for (std::size_t i = 1; i + kDigits < ids.size(); i += kItem) sum += hash_of_id(ids.substr(i, kDigits));
    return sum;
}

}  // namespace bench::chat
