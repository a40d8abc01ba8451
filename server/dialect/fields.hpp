// Fields: the top level of a JSON object as a JavaScript server would see it. Text is kept; numbers and booleans are kept with the text that JavaScript
// casts them to; objects and lists are only noted. Of a repeated key the last value counts, as in JSON.parse.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/base/result.hpp"

namespace parley::dialect {

inline constexpr std::size_t kMaxJsonDepth = 32;

struct Field {
    enum class Kind : std::uint8_t { Missing, Null, Boolean, Number, Text, Composite };
    Kind kind = Kind::Missing;
    std::string text;  // of Text as it is, of Number and Boolean the cast; else ""

    bool is_text() const { return kind == Kind::Text; }
    // Missing or null: a form without it.
    bool absent() const { return kind == Kind::Missing || kind == Kind::Null; }
    // An object or a list: nothing that could become a text.
    bool composite() const { return kind == Kind::Composite; }

    friend bool operator==(const Field&, const Field&) = default;
};

class Fields {
public:
    Fields() = default;

    // InvalidArgument, with a text for people: not JSON, not UTF-8, deeper than kMaxJsonDepth, or neither an object nor a list at the top (a list has no
    // fields). Escapes of lone surrogates become U+FFFD, as they do where JavaScript writes UTF-8. A byte order mark is skipped.
    static Result<Fields> parse(std::string_view json);

    // A Missing field when there is none of that name.
    const Field& operator[](std::string_view name) const;

    // The same; what it holds is moved out.
    Field take(std::string_view name);

    void set(std::string name, Field field);

    // The JSON was a list: it has no fields, and was hardly meant to have none.
    bool from_list() const { return from_list_; }
    void note_list() { from_list_ = true; }

private:
    std::vector<std::pair<std::string, Field>> fields_;
    bool from_list_ = false;
};

}  // namespace parley::dialect
