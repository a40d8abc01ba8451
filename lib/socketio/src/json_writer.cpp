// JSON.stringify's side of JSON: ECMA-262 sections 25.5.2 (JSON.stringify) and 6.1.6.1.20 (Number::toString).
#include <charconv>
#include <cmath>

#include "json_text.hpp"
#include "json_writer.hpp"
#include "parley/base/utf8.hpp"
#include "parley/socketio/value.hpp"
#include "placeholders.hpp"

namespace parley::socketio {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void append_escape(std::string& out, char character) {
    switch (character) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    constexpr char kHex[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(character);
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
}

void append_valid(std::string& out, std::string_view text) {
    while (true) {
        const std::size_t plain = plain_length(text);
        out.append(text, 0, plain);
        if (plain == text.size()) return;
        append_escape(out, text[plain]);
        text.remove_prefix(plain + 1);
    }
}

// How many bytes the UTF-8 sequence at the front of `text` has; 0 if it is none.
std::size_t sequence_length(std::string_view text) {
    const std::size_t longest = std::min<std::size_t>(4, text.size());
    for (std::size_t length = 1; length <= longest; ++length) {
        if (is_valid_utf8(text.substr(0, length))) return length;
    }
    return 0;
}

// Number::toString for a positive finite number whose shortest digits are `digits` and whose value is 0.digits × 10^point.
void append_number_layout(std::string& out, std::string_view digits, int point) {
    const int count = static_cast<int>(digits.size());
    if (count <= point && point <= 21) {
        out.append(digits).append(static_cast<std::size_t>(point - count), '0');
    } else if (0 < point && point <= 21) {
        out.append(digits.substr(0, static_cast<std::size_t>(point))).append(1, '.').append(digits.substr(static_cast<std::size_t>(point)));
    } else if (-6 < point && point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else {
        out += digits[0];
        if (count > 1) out.append(1, '.').append(digits.substr(1));
        out += point > 0 ? "e+" : "e-";
        out += std::to_string(std::abs(point - 1));
    }
}

void append_number(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    if (number == 0) {
        out += '0';
        return;
    }
    if (number < 0) out += '-';
    char buffer[32];  // shortest form that reads back the same: "d.ddde±xx"
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number), std::chars_format::scientific).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    const std::size_t e = text.find('e');
    std::string digits(text.substr(0, 1));
    if (e > 2) digits += text.substr(2, e - 2);
    int exponent = 0;
    std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
    append_number_layout(out, digits, exponent + 1);
}

struct Writer {
    std::string& out;
    std::vector<std::string>* attachments = nullptr;

    void operator()(Null) const { out += "null"; }
    void operator()(bool boolean) const { out += boolean ? "true" : "false"; }
    void operator()(std::int64_t integer) const {
        char digits[20];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, integer).ptr);
    }
    void operator()(double number) const { append_number(out, number); }
    void operator()(const std::string& text) const { append_json_string(out, text); }
    void operator()(const Bytes& bytes) const {
        if (!attachments) {
            out += "null";
            return;
        }
        out += "{\"_placeholder\":true,\"num\":" + std::to_string(attachments->size()) + "}";
        attachments->push_back(bytes.data);
    }
    void operator()(const Array& array) const {
        char separator = '[';
        for (const Value& element : array) {
            out += separator;
            std::visit(*this, element.storage());
            separator = ',';
        }
        out += array.empty() ? "[]" : "]";
    }
    void operator()(const Object& object) const {
        char separator = '{';
        for (const auto& [name, value] : object) {
            out += separator;
            append_json_string(out, name);
            out += ':';
            std::visit(*this, value.storage());
            separator = ',';
        }
        out += object.empty() ? "{}" : "}";
    }
};

}  // namespace

std::string replace_invalid(std::string_view text) {
    std::string valid;
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        valid += length == 0 ? kReplacement : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return valid;
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    if (is_valid_utf8(text)) {
        append_valid(out, text);
    } else {
        append_valid(out, replace_invalid(text));
    }
    out += '"';
}

void append_json(std::string& out, const Value& value) {
    std::visit(Writer{out}, value.storage());
}

void append_json_detaching(std::string& out, const Value& value, std::vector<std::string>& attachments) {
    std::visit(Writer{out, &attachments}, value.storage());
}

std::string to_json(const Value& value) {
    std::string out;
    append_json(out, value);
    return out;
}

}  // namespace parley::socketio
