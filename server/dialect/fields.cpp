#include "dialect/fields.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "dialect/json_text.hpp"
#include "parley/base/utf8.hpp"

namespace parley::dialect {

namespace {

constexpr std::size_t kEscapeLength = 6;  // \uXXXX

// As JSON.parse reads it: rounded to the nearest double, too large is infinite. (Boost.JSON's own reading can be off by one unit in the last place.)
double read_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc::result_out_of_range ? std::strtod(text.c_str(), nullptr) : value;
}

// Receives the parser's events and keeps what stands on the first level.
struct Collector {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    using error_code = boost::json::error_code;
    using view = boost::json::string_view;

    Fields fields;
    std::size_t depth = 0;
    bool in_object = false;  // the top level is an object
    std::string key;
    std::string text;

    void keep(Field::Kind kind, std::string value) {
        if (depth == 1 && in_object) fields.set(std::move(key), Field{kind, std::move(value)});
    }
    // What has come in parts before, and the last part.
    std::string take_text(view last) {
        text.append(last.data(), last.size());
        return std::exchange(text, {});
    }
    bool begin(bool object) {
        if (depth == 0) in_object = object;
        ++depth;
        return true;
    }
    bool end() {
        --depth;
        keep(Field::Kind::Composite, {});
        return true;
    }
    bool number(view piece) {
        text.append(piece.data(), piece.size());
        if (depth == 1 && in_object) keep(Field::Kind::Number, number_text(read_number(text)));
        text.clear();
        return true;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return begin(true); }
    bool on_object_end(std::size_t, error_code&) { return end(); }
    bool on_array_begin(error_code&) { return begin(false); }
    bool on_array_end(std::size_t, error_code&) { return end(); }
    bool on_key_part(view piece, std::size_t, error_code&) {
        if (depth == 1) text.append(piece.data(), piece.size());
        return true;
    }
    bool on_key(view piece, std::size_t, error_code&) {
        if (depth == 1) key = take_text(piece);
        return true;
    }
    bool on_string_part(view piece, std::size_t, error_code&) {
        if (depth == 1) text.append(piece.data(), piece.size());
        return true;
    }
    bool on_string(view piece, std::size_t, error_code&) {
        if (depth == 1) keep(Field::Kind::Text, take_text(piece));
        return true;
    }
    bool on_number_part(view piece, error_code&) {
        text.append(piece.data(), piece.size());
        return true;
    }
    bool on_int64(std::int64_t, view piece, error_code&) { return number(piece); }
    bool on_uint64(std::uint64_t, view piece, error_code&) { return number(piece); }
    bool on_double(double, view piece, error_code&) { return number(piece); }
    bool on_bool(bool value, error_code&) {
        keep(Field::Kind::Boolean, value ? "true" : "false");
        return true;
    }
    bool on_null(error_code&) {
        keep(Field::Kind::Null, {});
        return true;
    }
    bool on_comment_part(view, error_code&) { return true; }
    bool on_comment(view, error_code&) { return true; }
};

// The code unit of an escape \uXXXX at `at`, if there is one.
std::optional<unsigned> escaped_unit(std::string_view json, std::size_t at) {
    if (at + kEscapeLength > json.size() || json[at] != '\\' || json[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    const char* first = json.data() + at + 2;
    const auto [end, error] = std::from_chars(first, first + 4, unit, 16);
    return error == std::errc() && end == first + 4 ? std::optional(unit) : std::nullopt;
}

bool is_high_surrogate(unsigned unit) {
    return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(unsigned unit) {
    return unit >= 0xdc00 && unit < 0xe000;
}

// Escapes of surrogates that have no partner become \ufffd; the rest stays as it is.
std::string repair_surrogates(std::string_view json) {
    std::string out(json);
    for (std::size_t i = 0; i < out.size();) {
        const auto unit = escaped_unit(out, i);
        if (!unit) {
            i += out[i] == '\\' ? 2 : 1;
            continue;
        }
        const auto next = escaped_unit(out, i + kEscapeLength);
        const bool pair = is_high_surrogate(*unit) && next && is_low_surrogate(*next);
        if (!pair && *unit >= 0xd800 && *unit < 0xe000) out.replace(i, kEscapeLength, "\\ufffd");
        i += pair ? 2 * kEscapeLength : kEscapeLength;
    }
    return out;
}

bool mentions_surrogates(std::string_view json) {
    return json.find("\\ud") != std::string_view::npos || json.find("\\uD") != std::string_view::npos;
}

Result<Fields> parse_clean(std::string_view json) {
    const auto first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (json[first] != '{' && json[first] != '[')) {
        return fail(ErrorCode::InvalidArgument, "The request body must be a JSON object");
    }
    boost::json::parse_options options;
    options.max_depth = kMaxJsonDepth;
    boost::json::basic_parser<Collector> parser(options);
    boost::json::error_code error;
    const std::size_t used = parser.write_some(false, json.data(), json.size(), error);
    if (error == boost::json::error::too_deep) return fail(ErrorCode::InvalidArgument, "The request body is nested too deeply");
    if (error || used != json.size()) return fail(ErrorCode::InvalidArgument, "The request body is not valid JSON");
    Fields fields = std::move(parser.handler().fields);
    if (json[first] == '[') fields.note_list();
    return fields;
}

}  // namespace

Result<Fields> Fields::parse(std::string_view json) {
    if (json.starts_with("\xef\xbb\xbf")) json.remove_prefix(3);
    if (!is_valid_utf8(json)) return fail(ErrorCode::InvalidArgument, "The request body is not valid UTF-8");
    if (!mentions_surrogates(json)) return parse_clean(json);
    const std::string repaired = repair_surrogates(json);
    return parse_clean(repaired);
}

// From the back, so that of a repeated key the last counts.
const Field& Fields::operator[](std::string_view name) const {
    static const Field missing;
    for (auto entry = fields_.rbegin(); entry != fields_.rend(); ++entry) {
        if (entry->first == name) return entry->second;
    }
    return missing;
}

Field Fields::take(std::string_view name) {
    for (auto entry = fields_.rbegin(); entry != fields_.rend(); ++entry) {
        if (entry->first == name) return std::exchange(entry->second, {});
    }
    return {};
}

void Fields::set(std::string name, Field field) {
    fields_.emplace_back(std::move(name), std::move(field));
}

}  // namespace parley::dialect
