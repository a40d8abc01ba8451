// Any bytes: parsed or refused, never a crash; what is kept is valid UTF-8, and what is written reads back the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dialect/fields.hpp"
#include "dialect/json_text.hpp"
#include "parley/base/utf8.hpp"

using parley::dialect::Field;
using parley::dialect::Fields;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const Field& field) {
    require(parley::is_valid_utf8(field.text));
    std::string json = "{\"again\":";
    parley::dialect::append_string(json, field.text);
    json += '}';
    const auto again = Fields::parse(json);
    require(again.has_value());
    require((*again)["again"].text == field.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto fields = Fields::parse(input);
    if (!fields) return 0;
    for (const std::string_view name : {"message", "username", "password", "a", ""}) check((*fields)[name]);
    return 0;
}
