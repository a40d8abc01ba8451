// OnlineList: the users who are online as the JSON array that clients get, kept written: a user's id is 27 characters of it at the user's place, and
// only those places are written anew where another user stands than the last time.
// Threading: none of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/values.hpp"

namespace parley::realtime {

class OnlineList {
public:
    // The length of json() for so many users.
    static std::uint64_t bytes(std::size_t users) { return users == 0 ? 2 : 1 + kItemBytes * users; }

    // Valid until the next call.
    std::string_view json(std::span<const chat::UserId> users);

private:
    static constexpr std::size_t kItemBytes = 27;  // quote, 24 hex digits, quote, comma or bracket
    void write(std::size_t place, const chat::UserId& user);

    std::vector<chat::UserId> written_;
    std::string text_;
};

}  // namespace parley::realtime
