#include "json_reader.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <optional>

#include "parley/socketio/value.hpp"

namespace parley::socketio {
namespace {

namespace json = boost::json;

// The names of the objects that are open, innermost last, to refuse one that comes twice in its object. RFC 8259 section 4 leaves it open what such
// an object means; two programs that disagree about it can be played against each other.
class NameChecker {
public:
    void clear() {
        if (bytes_.capacity() > 65536) bytes_ = {};
        bytes_.clear();
        names_.clear();
        objects_.clear();
    }
    void open() { objects_.push_back(names_.size()); }
    void add_part(std::string_view part) { bytes_ += part; }
    void end_name(std::size_t length) { names_.push_back({bytes_.size() - length, length}); }
    std::string_view last() const { return text(names_.back()); }

    // Closes the innermost object. False: it has a name twice.
    bool close() {
        const auto first = names_.begin() + static_cast<std::ptrdiff_t>(objects_.back());
        objects_.pop_back();
        const auto by_text = [this](Slice slice) { return text(slice); };
        const std::size_t start = first == names_.end() ? bytes_.size() : first->offset;
        std::ranges::sort(first, names_.end(), {}, by_text);
        const bool unique = std::ranges::adjacent_find(first, names_.end(), {}, by_text) == names_.end();
        names_.erase(first, names_.end());
        bytes_.resize(start);
        return unique;
    }

private:
    struct Slice {
        std::size_t offset;
        std::size_t length;
    };
    std::string_view text(Slice slice) const { return std::string_view(bytes_).substr(slice.offset, slice.length); }

    std::string bytes_;
    std::vector<Slice> names_;
    std::vector<std::size_t> objects_;  // where each open object's names begin
};

// What the parser calls. Without a root it only checks.
class Handler {
public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    using Code = json::error_code;

    void start(Value* root) {
        root_ = root;
        open_.clear();
        text_.clear();
        names_.clear();
        name_twice_ = false;
    }
    bool name_twice() const { return name_twice_; }

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_array_begin(Code&) { return open(Array{}); }
    bool on_array_end(std::size_t, Code&) { return close(); }
    bool on_object_begin(Code&) {
        names_.open();
        return open(Object{});
    }
    bool on_object_end(std::size_t, Code& code) {
        name_twice_ = !names_.close();
        if (name_twice_) code = json::error::syntax;
        return !name_twice_ && close();
    }
    bool on_key_part(json::string_view part, std::size_t, Code&) {
        names_.add_part({part.data(), part.size()});
        return true;
    }
    bool on_key(json::string_view part, std::size_t length, Code&) {
        names_.add_part({part.data(), part.size()});
        names_.end_name(length);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, Code&) {
        if (root_) text_.append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, Code&) {
        if (!root_) return true;
        text_.append(part.data(), part.size());
        put(std::exchange(text_, {}));
        return true;
    }
    bool on_number_part(json::string_view, Code&) { return true; }
    bool on_int64(std::int64_t integer, json::string_view, Code&) { return put(integer); }
    bool on_uint64(std::uint64_t integer, json::string_view, Code&) { return put(integer); }
    bool on_double(double rough, json::string_view text, Code& code) {
        double number = rough;  // the parser's is off by a digit at times; the whole text is here because it came in one piece
        std::from_chars(text.data(), text.data() + text.size(), number);
        if (!std::isfinite(number) || !std::isfinite(rough)) code = json::error::exponent_overflow;
        return !code && put(number);
    }
    bool on_bool(bool boolean, Code&) { return put(boolean); }
    bool on_null(Code&) { return put(nullptr); }
    bool on_comment_part(json::string_view, Code&) { return true; }
    bool on_comment(json::string_view, Code&) { return true; }

private:
    bool put(Value value) {
        if (root_) place(std::move(value));
        return true;
    }

    Value& place(Value value) {
        if (open_.empty()) return *root_ = std::move(value);
        auto& container = open_.back()->storage();
        if (auto* array = std::get_if<Array>(&container)) return array->emplace_back(std::move(value));
        return std::get<Object>(container).emplace_back(names_.last(), std::move(value)).second;
    }

    // A container grows only while it is the innermost open one: pointers to the outer ones stay valid.
    bool open(Value container) {
        if (root_) open_.push_back(&place(std::move(container)));
        return true;
    }

    bool close() {
        if (root_) open_.pop_back();
        return true;
    }

    Value* root_ = nullptr;
    std::vector<Value*> open_;
    std::string text_;
    NameChecker names_;
    bool name_twice_ = false;
};

// The code unit of an escape "\uXXXX" at the front of `text`.
std::optional<unsigned> utf16_escape(std::string_view text) {
    if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
    unsigned unit = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
    if (error != std::errc{} || end != text.data() + 6) return std::nullopt;
    return unit;
}

bool is_leading(std::optional<unsigned> unit) {
    return unit && *unit >= 0xD800 && *unit < 0xDC00;
}
bool is_trailing(std::optional<unsigned> unit) {
    return unit && *unit >= 0xDC00 && *unit < 0xE000;
}

// JSON.stringify writes half a surrogate pair (text cut within an emoji) as an escape. UTF-8 cannot hold it: U+FFFD stands for it, as in TextEncoder.
std::string replace_unpaired_surrogates(std::string_view text) {
    std::string replaced;
    for (std::size_t i = 0; i < text.size();) {
        const auto unit = utf16_escape(text.substr(i));
        std::size_t length = text[i] == '\\' ? 2 : 1;
        if (unit) length = is_leading(unit) && is_trailing(utf16_escape(text.substr(i + 6))) ? 12 : 6;
        if (length == 6 && (is_leading(unit) || is_trailing(unit))) {
            replaced += "\\ufffd";
        } else {
            replaced += text.substr(i, length);
        }
        i += length;
    }
    return replaced;
}

json::error_code run(std::string_view text, Value* root, bool& name_twice) {
    constexpr auto kOptions = [] {
        json::parse_options options;
        options.max_depth = kMaxJsonDepth;
        return options;
    }();
    thread_local json::basic_parser<Handler> parser(kOptions);
    parser.reset();
    parser.handler().start(root);
    json::error_code code;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
    if (!code && read < text.size()) code = json::error::extra_data;
    name_twice = parser.handler().name_twice();
    return code;
}

Result<void> read(std::string_view text, Value* root) {
    bool name_twice = false;
    json::error_code code = run(text, root, name_twice);
    if (code && !name_twice && text.find("\\u") != text.npos) code = run(replace_unpaired_surrogates(text), root, name_twice);
    if (name_twice) return fail(ErrorCode::InvalidArgument, "JSON object with a name twice");
    if (code) return fail(ErrorCode::InvalidArgument, "invalid JSON: " + code.message());
    return {};
}

}  // namespace

Result<void> check_json(std::string_view text) {
    return read(text, nullptr);
}

Result<Value> parse_json(std::string_view text) {
    Value value;
    if (auto outcome = read(text, &value); !outcome) return fail(std::move(outcome).error());
    return value;
}

}  // namespace parley::socketio
