// What reading and writing JSON have in common: where plain text ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace parley::socketio {

// RFC 8259 section 7: what may not stand in a string as it is.
inline bool needs_escape(char character) {
    return character == '"' || character == '\\' || static_cast<unsigned char>(character) < 0x20;
}

inline constexpr std::size_t kBlock = 16;

// Of kBlock characters, compared all at once (g++ and clang have vectors as types on every machine).
inline bool any_needs_escape(const char* block) {
    using Block [[gnu::vector_size(kBlock)]] = unsigned char;
    Block characters;
    std::memcpy(&characters, block, kBlock);
    const auto found = (characters == '"') | (characters == '\\') | (characters < 0x20);
    std::uint64_t halves[2];
    std::memcpy(halves, &found, kBlock);
    return (halves[0] | halves[1]) != 0;
}

// How many characters at the front of `text` need no escape.
inline std::size_t plain_length(std::string_view text) {
    std::size_t length = 0;
    while (length + kBlock <= text.size() && !any_needs_escape(text.data() + length)) length += kBlock;
    while (length < text.size() && !needs_escape(text[length])) ++length;
    return length;
}

}  // namespace parley::socketio
