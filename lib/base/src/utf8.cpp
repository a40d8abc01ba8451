#include "parley/base/utf8.hpp"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace parley {
namespace {

bool is_ascii(std::string_view text) {
    constexpr std::uint64_t kTops = 0x8080808080808080;
    std::uint64_t seen = 0;
    for (std::uint64_t word = 0; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
        std::memcpy(&word, text.data(), sizeof word);
        seen |= word;
    }
    for (const unsigned char byte : text) seen |= byte;
    return (seen & kTops) == 0;
}

}  // namespace

// Most texts are short and ASCII, and then simdjson's way in costs more than a look at them.
bool is_valid_utf8(std::string_view text) {
    constexpr std::size_t kShort = 256;
    return (text.size() <= kShort && is_ascii(text)) || simdjson::validate_utf8(text.data(), text.size());
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (unsigned char byte : text) count += (byte & 0xc0) != 0x80;
    return count;
}

std::size_t count_utf16_units(std::string_view text) {
    std::size_t count = 0;
    for (unsigned char byte : text) count += ((byte & 0xc0) != 0x80) + (byte >= 0xf0);
    return count;
}

}  // namespace parley
