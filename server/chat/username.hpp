// What may be a username, and which usernames are the same person's.
#pragma once

#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::chat {

inline constexpr std::size_t kMaxUsernameCharacters = 64;   // code points
inline constexpr std::size_t kMaxFullNameCharacters = 256;  // code points

// The key by which names are unique and found: NFC, full case folding, surrounding white space removed (Unicode's, as JavaScript's trim does).
// "" if nothing is left. Precondition: valid UTF-8.
std::string username_key(std::string_view username);

// What texts are searched by, without letter case: NFC and full case folding of the whole text. Precondition: valid UTF-8.
std::string search_key(std::string_view text);

// Whether a new user may have this name, which is then stored as it is: its key. InvalidArgument with a text for people: nothing but white space,
// over kMaxUsernameCharacters, control characters, characters that change the direction of text. Precondition: valid UTF-8.
Result<std::string> check_new_username(std::string_view username);

}  // namespace parley::chat
