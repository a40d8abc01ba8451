// Value: one argument of an event, neutral to the parser that brought it: null, boolean, 64-bit integer, double, string, bytes, array or object.
// Objects keep the order of their members, as JavaScript does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "parley/base/result.hpp"

namespace parley::socketio {

class Value;
using Array = std::vector<Value>;
using Object = std::vector<std::pair<std::string, Value>>;
struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};

}  // namespace parley::socketio
