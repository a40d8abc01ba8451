// Arguments: what comes with an event, a list of Values. Those that arrived from a client stay JSON text until they are first looked at, so that
// passing them on costs no parsing.
//
//     socket.emit("joined", {"lobby", 3, Object{{"quiet", true}}});
//     socket.on("say", [&](Arguments arguments) { if (arguments[0].is_string()) io.everybody().emit("say", arguments); });
//
// Ownership: a value that owns all it refers to. Threading: as std::vector, but looking at a const one for the first time is a change too.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "parley/socketio/value.hpp"

namespace parley::socketio {

class Arguments {
public:
    Arguments() = default;
    Arguments(std::initializer_list<Value> values) : values_(values) {}
    // One argument: emit("say", "hi"), emit("online", Array{...}), emit("say", some_value).
    template <std::convertible_to<Value> T>
        requires(!std::same_as<std::remove_cvref_t<T>, Arguments>)
    Arguments(T&& value) {
        values_.emplace_back(std::forward<T>(value));
    }

    // As many arguments as there are values. (An Array given to a constructor is one argument.)
    static Arguments list(std::vector<Value> values);
    // `json`: JSON values that parse_json() would take, separated by commas, without enclosing brackets. Text that is no such thing becomes an empty
    // list when it is first looked at.
    static Arguments from_json(std::string json);

    std::size_t size() const { return values().size(); }
    bool empty() const { return size() == 0; }
    // Null beyond the end, as JavaScript has undefined there.
    const Value& operator[](std::size_t index) const;
    auto begin() const { return values().begin(); }
    auto end() const { return values().end(); }
    const std::vector<Value>& values() const;

    // As JSON without enclosing brackets, fit for emit_json(): the client's own text as long as nobody has looked at it. Bytes become null.
    std::string json() const;
    // Nobody has looked at them yet; json() costs a copy.
    bool is_raw() const { return !raw_.empty(); }
    // What is_raw() speaks of: the client's text; "" if there is none.
    std::string_view raw() const { return raw_; }

    friend bool operator==(const Arguments& a, const Arguments& b) { return a.values() == b.values(); }

private:
    mutable std::vector<Value> values_;
    mutable std::string raw_;  // not empty: not looked at yet, and values_ is empty
};

}  // namespace parley::socketio
