#include "parley/base/utf8.hpp"

#include <simdjson.h>

namespace parley {

bool is_valid_utf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
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
