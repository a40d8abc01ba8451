// Value: one argument of an event, neutral to the parser that brought it: null, boolean, 64-bit integer, double, string, bytes, array or object.
// Objects keep the order of their members, as JavaScript does.
//
//     Value message(Object{{"text", "hi"}, {"likes", 3}});
//     if (const Value* text = message.find("text"); text && text->is_string()) show(text->as_string());
//
// What a client sent may have any type: ask with is_x() or find() first. as_x() on another type throws std::bad_variant_access, which event dispatch
// catches and logs.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
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
using Null = std::monostate;

// Binary data. On the wire it travels beside the JSON, as an attachment.
struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};

class Value {
public:
    using Storage = std::variant<Null, bool, std::int64_t, double, std::string, Bytes, Array, Object>;

    Value() = default;
    Value(std::nullptr_t) {}
    Value(std::same_as<bool> auto boolean) : storage_(boolean) {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Value(T integer) : storage_(from_integer(integer)) {}
    Value(std::floating_point auto number) : storage_(static_cast<double>(number)) {}
    Value(const char* text) : storage_(std::string(text)) {}
    Value(std::string_view text) : storage_(std::string(text)) {}
    Value(std::string text) : storage_(std::move(text)) {}
    Value(Bytes bytes) : storage_(std::move(bytes)) {}
    Value(Array array);
    Value(Object object);

    bool is_null() const { return std::holds_alternative<Null>(storage_); }
    bool is_bool() const { return std::holds_alternative<bool>(storage_); }
    bool is_integer() const { return std::holds_alternative<std::int64_t>(storage_); }
    bool is_number() const { return is_integer() || std::holds_alternative<double>(storage_); }
    bool is_string() const { return std::holds_alternative<std::string>(storage_); }
    bool is_bytes() const { return std::holds_alternative<Bytes>(storage_); }
    bool is_array() const { return std::holds_alternative<Array>(storage_); }
    bool is_object() const { return std::holds_alternative<Object>(storage_); }

    bool as_bool() const { return std::get<bool>(storage_); }
    std::int64_t as_integer() const { return std::get<std::int64_t>(storage_); }
    double as_number() const;  // of an integer too
    const std::string& as_string() const { return std::get<std::string>(storage_); }
    const std::string& as_bytes() const { return std::get<Bytes>(storage_).data; }
    const Array& as_array() const { return std::get<Array>(storage_); }
    const Object& as_object() const { return std::get<Object>(storage_); }

    // The member of that name; nullptr if there is none or this is no object.
    const Value* find(std::string_view key) const;
    // The same, with Null for nullptr: message["from"]["name"] never fails.
    const Value& operator[](std::string_view key) const;
    // The element; Null beyond the end or if this is no array.
    const Value& operator[](std::size_t index) const;
    // Elements or members; 0 for everything else.
    std::size_t size() const;

    const Storage& storage() const { return storage_; }
    Storage& storage() { return storage_; }

    friend bool operator==(const Value& a, const Value& b);

private:
    template <std::integral T>
    static Storage from_integer(T integer) {
        if (std::in_range<std::int64_t>(integer)) return static_cast<std::int64_t>(integer);
        return static_cast<double>(integer);
    }

    Storage storage_;
};

// JSON as JSON.stringify writes it: no spaces, numbers in JavaScript's form (1e21 is 1e+21, -0 is 0, infinities are null), bytes that are not UTF-8
// replaced by U+FFFD. Bytes cannot be said in JSON and become null (the packet codec carries them as attachments).
std::string to_json(const Value& value);
void append_json(std::string& out, const Value& value);
void append_json_string(std::string& out, std::string_view text);

inline constexpr std::size_t kMaxJsonDepth = 32;

// Strict JSON (RFC 8259). Errors: InvalidArgument, for anything else, for more than kMaxJsonDepth levels, invalid UTF-8, an object that has a name
// twice, a number that no double holds. Integers beyond 64 bits become doubles. An unpaired surrogate escape becomes U+FFFD.
Result<Value> parse_json(std::string_view text);

}  // namespace parley::socketio
