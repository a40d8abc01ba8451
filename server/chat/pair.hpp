// Pair: two people who talk, in either order, or one with himself: what their one conversation is known by. SQLite stores its bytes.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "chat/values.hpp"

namespace parley::chat {

struct Pair {
    std::array<char, 24> bytes;  // both ids, the smaller first

    static Pair of(UserId one, UserId other) {
        const auto& [smaller, larger] = std::minmax(one, other);
        Pair pair;
        const auto middle = std::copy(smaller.bytes.begin(), smaller.bytes.end(), pair.bytes.begin());
        std::copy(larger.bytes.begin(), larger.bytes.end(), middle);
        return pair;
    }
    std::string_view view() const { return {bytes.data(), bytes.size()}; }
    friend bool operator==(const Pair&, const Pair&) = default;
};

struct PairHash {
    std::size_t operator()(const Pair& pair) const { return std::hash<std::string_view>{}(pair.view()); }
};

}  // namespace parley::chat
