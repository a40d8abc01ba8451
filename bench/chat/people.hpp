// People: the users that chat_users writes and chat_load plays, by number. Everything about them follows from the number, so the two programs need
// nothing from each other, and tokens are signed here: nobody has to log in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench::chat {

// What every user's password is.
inline constexpr std::string_view kPassword = "a known password";

// 24 hex digits, in the order of the numbers.
std::string user_id(std::size_t number);
std::string message_id(std::size_t number);
std::string username(std::size_t number);

// About 100 bytes, beginning with `#<number> `, by which it is known again.
std::string message_text(std::uint64_t number);
// The number of the text that begins there; kNoNumber: none of ours.
inline constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};
std::uint64_t message_number(std::string_view text);

// A request's head line with user `number`'s token (HS256, good for a day): "Cookie: jwt=…\r\n".
std::string cookie_line(std::size_t number, std::string_view jwt_secret);
// Of the users first … first + count - 1.
std::vector<std::string> cookie_lines(std::size_t first, std::size_t count, std::string_view jwt_secret);

}  // namespace bench::chat
