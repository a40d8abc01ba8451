// Reading JSON strictly (RFC 8259), with parse_json()'s rules, for what needs more than a Value or less.
#pragma once

#include <string_view>

#include "parley/base/result.hpp"
#include "parley/socketio/value.hpp"

namespace parley::socketio {

// Checks without building anything, for events that nobody reads (their arguments stay text). Errors: InvalidArgument.
Result<void> check_json(std::string_view text);

// Values separated by commas, as they stand between an array's brackets; one level less may be nested in them. Errors: InvalidArgument.
Result<Array> parse_json_list(std::string_view text);

}  // namespace parley::socketio
