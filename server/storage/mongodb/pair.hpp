// Pair: two people who talk, in either order, or one with itself; and Place: where a message stands in their conversation.
#pragma once

#include <algorithm>
#include <compare>
#include <functional>
#include <string_view>

#include "chat/values.hpp"

namespace parley::storage::mongodb {

struct Pair {
    chat::UserId low;
    chat::UserId high;  // the same as low: notes to self

    static Pair of(chat::UserId one, chat::UserId other) { return {std::min(one, other), std::max(one, other)}; }
    static Pair of(const chat::Message& message) { return of(message.sender, message.receiver); }
    bool is_self() const { return low == high; }
    friend bool operator==(const Pair&, const Pair&) = default;
};

struct PairHash {
    std::size_t operator()(const Pair& pair) const {
        const std::hash<chat::UserId> hash;
        return hash(pair.low) * 31 + hash(pair.high);
    }
};

// The order of a conversation: by creation time, then by id. Messages without a time (written by others) come before all that have one, as
// MongoDB sorts them.
struct Place {
    bool timed = true;
    chat::Timestamp created_at;
    chat::MessageId id;

    static Place of(const chat::Message& message) { return {true, message.created_at, message.id}; }
    friend auto operator<=>(const Place&, const Place&) = default;
};

}  // namespace parley::storage::mongodb
