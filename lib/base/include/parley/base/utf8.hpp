// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing over U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace parley {

bool is_valid_utf8(std::string_view text);

// Code points in valid UTF-8.
std::size_t count_code_points(std::string_view text);

// UTF-16 code units that valid UTF-8 becomes in JavaScript ("😀".length is 2).
std::size_t count_utf16_units(std::string_view text);

}  // namespace parley
