// The prefixes are those of the MessagePack specification, section "Formats"; each value takes the shortest form, as notepack.io writes it. A double stays a
// double of eight bytes, whole or not: notepack writes 1e20 as an integer that reads back as another number.
#include <fmt/format.h>

#include <bit>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <stdexcept>

#include "json_writer.hpp"
#include "msgpack.hpp"
#include "parley/base/utf8.hpp"

namespace parley::socketio {
namespace {

void append_number(std::string& out, std::uint64_t number, unsigned width) {
    for (unsigned i = width; i-- > 0;) out += static_cast<char>(number >> (8 * i));
}

// How many bytes it takes: 1, 2, 4 or 8.
unsigned width_of(std::uint64_t number) {
    if (number <= std::numeric_limits<std::uint8_t>::max()) return 1;
    if (number <= std::numeric_limits<std::uint16_t>::max()) return 2;
    return number <= std::numeric_limits<std::uint32_t>::max() ? 4 : 8;
}

// `first`: the prefix for a width of one byte; those for 2, 4 and 8 follow it.
void append_prefixed(std::string& out, unsigned first, std::uint64_t number, unsigned width) {
    out += static_cast<char>(first + static_cast<unsigned>(std::countr_zero(width)));
    append_number(out, number, width);
}

// `first`: the prefix that a width of one byte has or would have (arrays and maps have none).
void append_length(std::string& out, unsigned first, unsigned narrowest, std::size_t length) {
    if (length > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("too long for MessagePack");
    append_prefixed(out, first, length, std::max(narrowest, width_of(length)));
}

void append_negative(std::string& out, std::int64_t integer) {
    const auto bits = std::bit_cast<std::uint64_t>(integer);
    if (integer >= -32) return append_number(out, bits, 1);
    // -2^n needs no more bits than 2^n - 1.
    const std::uint64_t magnitude = ~bits;
    append_prefixed(out, 0xD0, bits, width_of(magnitude << 1 | 1));
}

struct Writer {
    std::string& out;

    void operator()(Null) const { out += '\xC0'; }
    void operator()(bool boolean) const { out += boolean ? '\xC3' : '\xC2'; }
    void operator()(std::int64_t integer) const { append_msgpack_integer(out, integer); }
    void operator()(double number) const {
        out += '\xCB';
        append_number(out, std::bit_cast<std::uint64_t>(number), 8);
    }
    void operator()(const std::string& text) const { append_msgpack_string(out, text); }
    void operator()(const Bytes& bytes) const {
        append_length(out, 0xC4, 1, bytes.data.size());
        out += bytes.data;
    }
    void operator()(const Array& array) const {
        append_msgpack_array(out, array.size());
        for (const Value& element : array) std::visit(*this, element.storage());
    }
    void operator()(const Object& object) const {
        append_msgpack_map(out, object.size());
        for (const auto& [name, value] : object) {
            append_msgpack_string(out, name);
            std::visit(*this, value.storage());
        }
    }
};

}  // namespace

void append_msgpack(std::string& out, const Value& value) {
    std::visit(Writer{out}, value.storage());
}

void append_msgpack_integer(std::string& out, std::int64_t integer) {
    if (integer < 0) return append_negative(out, integer);
    const auto number = static_cast<std::uint64_t>(integer);
    if (number < 0x80) return append_number(out, number, 1);
    append_prefixed(out, 0xCC, number, width_of(number));
}

void append_msgpack_string(std::string& out, std::string_view text) {
    if (!is_valid_utf8(text)) return append_msgpack_string(out, replace_invalid(text));
    if (text.size() < 32) {
        out += static_cast<char>(0xA0 | text.size());
    } else {
        append_length(out, 0xD9, 1, text.size());
    }
    out += text;
}

void append_msgpack_array(std::string& out, std::size_t count) {
    if (count < 16) return append_number(out, 0x90 | count, 1);
    append_length(out, 0xDB, 2, count);
}

void append_msgpack_map(std::string& out, std::size_t count) {
    if (count < 16) return append_number(out, 0x80 | count, 1);
    append_length(out, 0xDD, 2, count);
}

std::optional<std::string> iso_date(std::int64_t milliseconds) {
    constexpr std::int64_t kMax = 8'640'000'000'000'000;  // ECMA-262 section 21.4.1.1
    if (milliseconds < -kMax || milliseconds > kMax) return std::nullopt;
    const std::int64_t fraction = (milliseconds % 1000 + 1000) % 1000;
    const std::time_t seconds = (milliseconds - fraction) / 1000;
    std::tm date{};
    gmtime_r(&seconds, &date);
    const int year = date.tm_year + 1900;
    const std::string written =
        year >= 0 && year <= 9999 ? fmt::format("{:04}", year) : fmt::format("{}{:06}", year < 0 ? '-' : '+', std::abs(year));
    return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", written, date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min,
                       date.tm_sec, fraction);
}

}  // namespace parley::socketio
