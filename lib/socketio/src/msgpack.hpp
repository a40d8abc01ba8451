// MessagePack as notepack.io 2 speaks it, to Values and back. Pure functions on bytes.
//
// Of the format's extensions there are those of notepack, all of type 0: fixext 1 is undefined, fixext 8 a Date (milliseconds since 1970, signed), ext 8
// to 32 an ArrayBuffer. Strict beyond the format: keys are strings, once in their map; text is UTF-8; at most kMaxJsonDepth levels.
// By hand because the packages of msgpack-c need a version of Boost beside which the project's cannot be installed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/socketio/value.hpp"

namespace parley::socketio {

class MsgpackReader {
public:
    enum class Kind : std::uint8_t { Nil, Undefined, Bool, Integer, Unsigned, Double, Date, String, Binary, Array, Map };

    // The head of a value, and all of it but for Array and Map, whose elements follow.
    struct Token {
        Kind kind = Kind::Nil;
        std::uint64_t bits = 0;       // Bool; Integer and Date in two's complement; Unsigned; Double as IEEE 754 has it
        std::string_view bytes = {};  // String (UTF-8), Binary
        std::size_t count = 0;        // Array: elements; Map: members. No more than can follow
    };

    explicit MsgpackReader(std::string_view bytes) : rest_(bytes) {}

    // Nullopt and false: what follows is malformed, error() says how; the reader is of no use any more.
    std::optional<Token> next();
    // One value, whole. Undefined is Null.
    bool read(Value& out) { return read(&out, 0); }
    // Checks one, and builds nothing.
    bool skip() { return read(nullptr, 0); }

    std::string_view rest() const { return rest_; }  // not read yet
    std::string_view error() const { return error_; }

private:
    bool read(Value* out, std::size_t depth);
    bool read_array(std::size_t count, Value* out, std::size_t depth);
    bool read_map(std::size_t count, Value* out, std::size_t depth);

    Token token();
    Token extended(unsigned prefix);
    Token text(std::uint64_t size);
    Token container(Kind kind, std::uint64_t count);
    Token fixed_extension(std::size_t size);
    Token extension(unsigned width);
    Token single(std::uint32_t bits);

    std::string_view take(std::uint64_t size);
    std::uint64_t take_number(unsigned width);
    bool refuse(std::string_view why);

    std::string_view rest_;
    std::string_view error_;
};

// The names of one map, to refuse one that comes twice.
class MsgpackNames {
public:
    void add(std::string_view name) { names_.push_back(name); }
    bool unique();

private:
    std::vector<std::string_view> names_;
};

void append_msgpack(std::string& out, const Value& value);
void append_msgpack_integer(std::string& out, std::int64_t integer);
void append_msgpack_string(std::string& out, std::string_view text);
void append_msgpack_array(std::string& out, std::size_t count);  // the elements are to follow
void append_msgpack_map(std::string& out, std::size_t count);    // so many names, each with its value, are to follow

// As JavaScript's Date.prototype.toISOString (ECMA-262 section 21.4.1.32); nullopt where that has none.
std::optional<std::string> iso_date(std::int64_t milliseconds);

}  // namespace parley::socketio
