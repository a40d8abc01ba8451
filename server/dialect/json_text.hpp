// JSON as JavaScript's JSON.stringify writes it, appended to a string. Pure functions; no document tree, since answers are written once and sent.
#pragma once

#include <string>
#include <string_view>

#include "chat/values.hpp"

namespace parley::dialect {

// A quoted string. Escaped is only what must be (RFC 8259 section 7); DEL, U+2028 and the rest go out as they are. Precondition: valid UTF-8.
void append_string(std::string& out, std::string_view text);

// A quoted time: "2024-11-22T10:02:03.004Z".
void append_time(std::string& out, chat::Timestamp time);

// A quoted id of 24 hex digits.
void append_id(std::string& out, const chat::ObjectId& id);

// A number as ECMAScript's Number::toString writes it (ECMA-262 section 6.1.6.1.20): 1e21 is "1e+21", -0 is "0", 0.1 is "0.1", 1e400 is "Infinity".
std::string number_text(double value);

}  // namespace parley::dialect
