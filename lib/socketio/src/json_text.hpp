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

// Whether one of eight characters needs an escape. The arithmetic on all of them at once finds in each byte a zero or a number below 0x20; what a borrow
// adds to that stands above a byte that was found.
inline bool any_needs_escape(const char* eight) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kTops = 0x8080808080808080;
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    return ((((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word)) & kTops) != 0;
}

// How many characters at the front of `text` need no escape.
inline std::size_t plain_length(std::string_view text) {
    std::size_t length = 0;
    while (length + 8 <= text.size() && !any_needs_escape(text.data() + length)) length += 8;
    while (length < text.size() && !needs_escape(text[length])) ++length;
    return length;
}

}  // namespace parley::socketio
