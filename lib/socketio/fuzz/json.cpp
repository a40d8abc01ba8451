// Feeds the JSON reader anything. Its three ways in must agree on what is JSON, and what it has read must read the same when written again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "json_reader.hpp"

using namespace parley::socketio;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto value = parse_json(text);
    require(check_json(text).has_value() == value.has_value());

    const auto list = parse_json_list(text);
    const auto array = parse_json("[" + text + "]");
    require(list.has_value() == array.has_value());
    require(!list || Value(*list) == *array);

    if (!value) return 0;
    const std::string written = to_json(*value);
    const auto again = parse_json(written);
    require(again && to_json(*again) == written);
    return 0;
}
