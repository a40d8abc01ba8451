// What may be a username, and which usernames are the same person's.
#pragma once

#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::chat {

inline constexpr std::size_t kMaxUsernameCharacters = 64;   // code points
inline constexpr std::size_t kMaxFullNameCharacters = 128;  // code points

// The key by which names are unique and found: NFC, full case folding, surrounding white space removed (Unicode's, as JavaScript's trim does).
// "" if nothing is left. Precondition: valid UTF-8.
std::string username_key(std::string_view username);

// For new names. InvalidArgument with a text for people: empty, over kMaxUsernameCharacters, control characters, bidirectional overrides.
Result<std::string> check_new_username(std::string_view username);

}  // namespace parley::chat
