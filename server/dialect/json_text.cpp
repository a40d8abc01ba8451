#include "dialect/json_text.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace parley::dialect {

namespace {

constexpr char kHex[] = "0123456789abcdef";

// The letter after the backslash in a short escape, or 0.
char short_escape(char c) {
    switch (c) {
        case '"': return '"';
        case '\\': return '\\';
        case '\b': return 'b';
        case '\f': return 'f';
        case '\n': return 'n';
        case '\r': return 'r';
        case '\t': return 't';
        default: return 0;
    }
}

bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, char c) {
    if (const char letter = short_escape(c)) {
        out += '\\';
        out += letter;
        return;
    }
    out += "\\u00";
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[c & 0x0f];
}

// `width` decimal digits, zero padded.
void append_digits(std::string& out, unsigned value, int width) {
    char digits[10];
    for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
    out.append(digits, static_cast<std::size_t>(width));
}

// Years outside 0 to 9999 have a sign and six digits in JavaScript.
void append_year(std::string& out, int year) {
    if (year >= 0 && year <= 9999) return append_digits(out, static_cast<unsigned>(year), 4);
    out += year < 0 ? '-' : '+';
    append_digits(out, static_cast<unsigned>(std::abs(year)), 6);
}

// The shortest digits that read back as the value, and n: the place of the decimal point, counted from before the first digit.
struct Shortest {
    std::string digits;
    int point = 0;
};

Shortest shortest_of(double value) {
    char buffer[64];
    const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::scientific).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    const auto e = text.find('e');
    Shortest result;
    for (const char c : text.substr(0, e)) {
        if (c != '.') result.digits += c;
    }
    const char* exponent = buffer + e + 1;
    if (*exponent == '+') ++exponent;
    std::from_chars(exponent, end, result.point);
    ++result.point;
    return result;
}

// Steps 6 to 10 of Number::toString; k digits, n the point.
std::string layout(const Shortest& s) {
    const int k = static_cast<int>(s.digits.size());
    const int n = s.point;
    if (k <= n && n <= 21) return s.digits + std::string(static_cast<std::size_t>(n - k), '0');
    if (0 < n && n <= 21) return s.digits.substr(0, static_cast<std::size_t>(n)) + "." + s.digits.substr(static_cast<std::size_t>(n));
    if (-6 < n && n <= 0) return "0." + std::string(static_cast<std::size_t>(-n), '0') + s.digits;
    std::string text = s.digits.substr(0, 1);
    if (k > 1) text += "." + s.digits.substr(1);
    text += n - 1 < 0 ? "e-" : "e+";
    return text + std::to_string(std::abs(n - 1));
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t clean = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape(text[i])) continue;
        out += text.substr(clean, i - clean);
        append_escaped(out, text[i]);
        clean = i + 1;
    }
    out += text.substr(clean);
    out += '"';
}

void append_time(std::string& out, chat::Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto of_day = static_cast<unsigned>((time - day).count());
    out += '"';
    append_year(out, static_cast<int>(date.year()));
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_digits(out, of_day / 3'600'000, 2);
    out += ':';
    append_digits(out, of_day / 60'000 % 60, 2);
    out += ':';
    append_digits(out, of_day / 1000 % 60, 2);
    out += '.';
    append_digits(out, of_day % 1000, 3);
    out += "Z\"";
}

void append_id(std::string& out, const chat::ObjectId& id) {
    out += '"';
    for (const std::uint8_t byte : id.bytes) {
        out += kHex[byte >> 4];
        out += kHex[byte & 0x0f];
    }
    out += '"';
}

std::string number_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (value == 0) return "0";
    if (value < 0) return "-" + number_text(-value);
    if (std::isinf(value)) return "Infinity";
    return layout(shortest_of(value));
}

}  // namespace parley::dialect
