// Binary data in JSON: placeholders instead of bytes, and back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "parley/socketio/value.hpp"

namespace parley::socketio {

// As append_json(), but Bytes go to `attachments` and leave a placeholder.
void append_json_detaching(std::string& out, const Value& value, std::vector<std::string>& attachments);

// Moves the attachments to where their placeholders are. False: a placeholder names none of them, or one that another has named (a small packet could
// otherwise become any number of copies).
bool put_attachments(Value& value, std::vector<std::optional<Bytes>>& attachments);

}  // namespace parley::socketio
