// Repairing text that a program emits, for both parsers.
#pragma once

#include <string>
#include <string_view>

namespace parley::socketio {

// UTF-8 with U+FFFD for each byte that belongs to no sequence.
std::string replace_invalid(std::string_view text);

}  // namespace parley::socketio
