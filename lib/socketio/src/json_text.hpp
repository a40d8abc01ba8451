// What reading and writing JSON have in common: where plain text ends.
#pragma once

#include <cstddef>
#include <string_view>

namespace parley::socketio {

// RFC 8259 section 7: what may not stand in a string as it is.
inline bool needs_escape(char character) {
    return (character == '"') | (character == '\\') | (static_cast<unsigned char>(character) < 0x20);
}

inline constexpr std::size_t kBlock = 16;

// Of kBlock characters: without a branch for each, so that compilers look at all of them at once.
inline bool any_needs_escape(const char* block) {
    bool any = false;
    for (std::size_t i = 0; i < kBlock; ++i) any |= needs_escape(block[i]);
    return any;
}

// How many characters at the front of `text` need no escape.
inline std::size_t plain_length(std::string_view text) {
    std::size_t length = 0;
    while (length + kBlock <= text.size() && !any_needs_escape(text.data() + length)) length += kBlock;
    while (length < text.size() && !needs_escape(text[length])) ++length;
    return length;
}

}  // namespace parley::socketio
