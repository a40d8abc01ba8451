// Checking JSON without building anything, for events that nobody reads (their arguments stay text).
#pragma once

#include <string_view>

#include "parley/base/result.hpp"

namespace parley::socketio {

// The rules of parse_json(). Errors: InvalidArgument.
Result<void> check_json(std::string_view text);

}  // namespace parley::socketio
