#include "json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <utility>
#include <vector>

#include "json_text.hpp"
#include "parley/base/utf8.hpp"

namespace parley::socketio {
namespace {

// The names of the objects that are open, innermost last, to refuse one that comes twice in its object. RFC 8259 section 4 leaves it open what such
// an object means; two programs that disagree about it can be played against each other.
class OpenNames {
public:
    std::size_t open() const { return names_.size(); }
    void add(std::string_view name) { names_.push_back(name); }
    void add_unescaped(std::string name) { names_.push_back(unescaped_.emplace_front(std::move(name))); }

    // Closes the object that open() has opened. False: it has a name twice.
    bool close(std::size_t opened) {
        const auto first = names_.begin() + static_cast<std::ptrdiff_t>(opened);
        const bool unique = names_.end() - first <= kFew ? unique_few(first) : unique_many(first);
        names_.erase(first, names_.end());
        return unique;
    }
    void clear() {
        names_.clear();
        if (names_.capacity() > kKept) names_.shrink_to_fit();
        unescaped_.clear();
    }

private:
    static constexpr std::ptrdiff_t kFew = 8;
    static constexpr std::size_t kKept = 1024;
    using Iterator = std::vector<std::string_view>::iterator;

    bool unique_few(Iterator first) {
        for (auto name = first; name != names_.end(); ++name) {
            if (std::find(first, name, *name) != name) return false;
        }
        return true;
    }
    bool unique_many(Iterator first) {
        std::sort(first, names_.end());
        return std::adjacent_find(first, names_.end()) == names_.end();
    }

    std::vector<std::string_view> names_;
    std::forward_list<std::string> unescaped_;  // names that the text has otherwise
};

bool is_digit(char character) {
    return '0' <= character && character <= '9';
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    const auto add_tail = [&](unsigned shift) { add(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) return add(point);
    if (point < 0x800) {
        add(0xC0 | point >> 6);
    } else if (point < 0x10000) {
        add(0xE0 | point >> 12);
        add_tail(6);
    } else {
        add(0xF0 | point >> 18);
        add_tail(12);
        add_tail(6);
    }
    add_tail(0);
}

bool is_leading(std::uint32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_trailing(std::uint32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

// Of a number that from_chars() calls out of range: whether it is too large, not too small. `text` is a number as JSON has it.
bool overflows(std::string_view text) {
    constexpr std::int64_t kFar = 1'000'000'000'000;  // beyond what digits can make up for
    const std::size_t e = text.find_first_of("eE");
    const std::string_view digits = text.substr(0, e);
    std::int64_t exponent = 0;
    if (e != text.npos) {
        const bool is_negative = text[e + 1] == '-';
        const std::string_view power = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
        if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec != std::errc{}) return !is_negative;
        exponent = std::clamp(exponent, -kFar, kFar);
    }
    const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
    const auto first = static_cast<std::int64_t>(digits.find_first_of("123456789"));
    return point - first + exponent > 0;
}

// One pass over a text, a function for each kind of value. Where `out` is null nothing is built.
class Reader {
public:
    Reader(std::string_view text, OpenNames& names) : at_(text.data()), end_(text.data() + text.size()), names_(names) {}

    bool name_twice() const { return name_twice_; }

    bool read_document(Value* out) {
        skip_space();
        return read_value(out) && read_end();
    }

    bool read_list(Array& out) {
        depth_ = 1;  // the array's whose brackets are not here
        skip_space();
        if (at_ == end_) return true;
        do {
            skip_space();
            if (!read_value(&out.emplace_back())) return false;
            skip_space();
        } while (take(','));
        return at_ == end_;
    }

private:
    bool read_end() {
        skip_space();
        return at_ == end_;
    }
    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }
    bool take(char character) {
        if (at_ == end_ || *at_ != character) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) {
        if (!std::string_view(at_, end_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }

    bool read_value(Value* out) {
        if (at_ == end_) return false;
        switch (*at_) {
            case '"': return read_string(out);
            case '{': return read_object(out);
            case '[': return read_array(out);
            case 't': return take_word("true") && put(out, true);
            case 'f': return take_word("false") && put(out, false);
            case 'n': return take_word("null") && put(out, nullptr);
            default: return read_number(out);
        }
    }

    template <class T>
    static bool put(Value* out, T value) {
        if (out) *out = Value(std::move(value));
        return true;
    }

    bool read_array(Value* out) {
        Array* const array = out ? &out->storage().emplace<Array>() : nullptr;
        if (++depth_ > kMaxJsonDepth) return false;
        ++at_;
        skip_space();
        if (!take(']')) {
            do {
                skip_space();
                if (!read_value(array ? &array->emplace_back() : nullptr)) return false;
                skip_space();
            } while (take(','));
            if (!take(']')) return false;
        }
        --depth_;
        return true;
    }

    bool read_object(Value* out) {
        Object* const object = out ? &out->storage().emplace<Object>() : nullptr;
        if (++depth_ > kMaxJsonDepth) return false;
        const std::size_t opened = names_.open();
        ++at_;
        skip_space();
        if (!take('}')) {
            do {
                skip_space();
                if (!read_member(object)) return false;
                skip_space();
            } while (take(','));
            if (!take('}')) return false;
        }
        --depth_;
        name_twice_ = !names_.close(opened);
        return !name_twice_;
    }

    bool read_member(Object* object) {
        std::string unescaped;
        const auto name = read_text(unescaped);
        if (!name) return false;
        Value* const value = object ? &object->emplace_back(*name, Value()).second : nullptr;
        if (name->data() == unescaped.data()) {
            names_.add_unescaped(std::move(unescaped));
        } else {
            names_.add(*name);
        }
        skip_space();
        if (!take(':')) return false;
        skip_space();
        return read_value(value);
    }

    bool read_string(Value* out) {
        std::string unescaped;
        const auto text = read_text(unescaped);
        if (!text) return false;
        if (!out) return true;
        if (text->data() == unescaped.data()) return put(out, std::move(unescaped));
        return put(out, *text);
    }

    // A string's characters: a part of the text, or `unescaped`, if it has escapes. nullopt: it is none.
    std::optional<std::string_view> read_text(std::string& unescaped) {
        if (!take('"')) return std::nullopt;
        const char* const begin = at_;
        at_ += plain_length({at_, end_});
        if (take('"')) return std::string_view(begin, at_ - 1);
        unescaped.assign(begin, at_);
        while (take('\\')) {
            if (!read_escape(unescaped)) return std::nullopt;
            const std::size_t plain = plain_length({at_, end_});
            unescaped.append(at_, plain);
            at_ += plain;
        }
        if (!take('"')) return std::nullopt;
        return unescaped;
    }

    bool read_escape(std::string& out) {
        if (at_ == end_) return false;
        switch (*at_++) {
            case '"': out += '"'; return true;
            case '\\': out += '\\'; return true;
            case '/': out += '/'; return true;
            case 'b': out += '\b'; return true;
            case 'f': out += '\f'; return true;
            case 'n': out += '\n'; return true;
            case 'r': out += '\r'; return true;
            case 't': out += '\t'; return true;
            case 'u': return read_unicode(out);
            default: return false;
        }
    }

    // JSON.stringify writes half a surrogate pair (text cut within an emoji) as an escape. UTF-8 cannot hold it: U+FFFD stands for it, as in TextEncoder.
    bool read_unicode(std::string& out) {
        constexpr std::uint32_t kReplacement = 0xFFFD;
        const auto unit = read_unit();
        if (!unit) return false;
        std::uint32_t point = *unit;
        if (is_leading(point)) {
            const char* const behind = at_;
            const auto next = take('\\') && take('u') ? read_unit() : std::nullopt;
            if (next && is_trailing(*next)) {
                point = 0x10000 + ((point - 0xD800) << 10) + (*next - 0xDC00);
            } else {
                point = kReplacement;
                at_ = behind;
            }
        } else if (is_trailing(point)) {
            point = kReplacement;
        }
        append_utf8(out, point);
        return true;
    }

    std::optional<std::uint32_t> read_unit() {
        constexpr int kDigits = 4;
        if (end_ - at_ < kDigits) return std::nullopt;
        std::uint32_t unit = 0;
        if (std::from_chars(at_, at_ + kDigits, unit, 16).ptr != at_ + kDigits) return std::nullopt;
        at_ += kDigits;
        return unit;
    }

    // RFC 8259 section 6.
    bool read_number(Value* out) {
        const char* const begin = at_;
        take('-');
        if (!take('0') && !take_digits()) return false;
        bool integer = true;  // neither a fraction nor an exponent
        if (take('.')) {
            integer = false;
            if (!take_digits()) return false;
        }
        if (take('e') || take('E')) {
            integer = false;
            if (!take('+')) take('-');
            if (!take_digits()) return false;
        }
        return put_number(out, begin, integer);
    }
    bool take_digits() {
        const char* const begin = at_;
        while (at_ != end_ && is_digit(*at_)) ++at_;
        return at_ != begin;
    }
    bool put_number(Value* out, const char* begin, bool integer) {
        if (integer && at_ - begin <= kAlwaysFits && !out) return true;
        std::int64_t whole = 0;
        if (integer && std::from_chars(begin, at_, whole).ec == std::errc{}) return put(out, whole);
        double number = 0;
        const auto read = std::from_chars(begin, at_, number);
        if (read.ec == std::errc::result_out_of_range && overflows({begin, at_})) return false;
        return put(out, number);
    }

    static constexpr std::ptrdiff_t kAlwaysFits = 300;  // an integer of so many digits is a double

    const char* at_;
    const char* end_;
    OpenNames& names_;
    std::size_t depth_ = 0;
    bool name_twice_ = false;
};

template <class Read>
Result<void> read(std::string_view text, Read read) {
    thread_local OpenNames names;  // keeps its room
    if (!is_valid_utf8(text)) return fail(ErrorCode::InvalidArgument, "invalid JSON: not UTF-8");
    Reader reader(text, names);
    const bool done = read(reader);
    names.clear();
    if (done) return {};
    return fail(ErrorCode::InvalidArgument, reader.name_twice() ? "JSON object with a name twice" : "invalid JSON");
}

}  // namespace

Result<void> check_json(std::string_view text) {
    return read(text, [](Reader& reader) { return reader.read_document(nullptr); });
}

Result<Value> parse_json(std::string_view text) {
    Result<Value> value;
    if (auto done = read(text, [&](Reader& reader) { return reader.read_document(&*value); }); !done) value = fail(std::move(done).error());
    return value;
}

Result<Array> parse_json_list(std::string_view text) {
    Result<Array> list;
    if (auto done = read(text, [&](Reader& reader) { return reader.read_list(*list); }); !done) list = fail(std::move(done).error());
    return list;
}

}  // namespace parley::socketio
