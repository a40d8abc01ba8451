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

// Whether a text of this many bytes has something to be escaped; without branches, so that the compiler looks at many at a time.
constexpr std::size_t kBlock = 32;
bool block_needs_escape(const char* block) {
    bool needs = false;
    for (std::size_t i = 0; i < kBlock; ++i) needs |= needs_escape(block[i]);
    return needs;
}

// The first byte from `at` on that has to be escaped, or the end.
std::size_t find_escape(std::string_view text, std::size_t at) {
    while (text.size() - at >= kBlock && !block_needs_escape(text.data() + at)) at += kBlock;
    while (at < text.size() && !needs_escape(text[at])) ++at;
    return at;
}

// `width` decimal digits, zero padded. Returns where they end.
char* write_digits(char* to, unsigned value, int width) {
    for (int i = width - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
    return to + width;
}

char* write(char* to, char c) {
    *to = c;
    return to + 1;
}

// Years outside 0 to 9999 have a sign and six digits in JavaScript.
char* write_year(char* to, int year) {
    if (year >= 0 && year <= 9999) return write_digits(to, static_cast<unsigned>(year), 4);
    return write_digits(write(to, year < 0 ? '-' : '+'), static_cast<unsigned>(std::abs(year)), 6);
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
    for (std::size_t clean = 0;;) {
        const std::size_t end = find_escape(text, clean);
        out += text.substr(clean, end - clean);
        if (end == text.size()) break;
        append_escaped(out, text[end]);
        clean = end + 1;
    }
    out += '"';
}

void append_time(std::string& out, chat::Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto of_day = static_cast<unsigned>((time - day).count());
    char text[32];
    char* end = write_year(write(text, '"'), static_cast<int>(date.year()));
    end = write_digits(write(end, '-'), static_cast<unsigned>(date.month()), 2);
    end = write_digits(write(end, '-'), static_cast<unsigned>(date.day()), 2);
    end = write_digits(write(end, 'T'), of_day / 3'600'000, 2);
    end = write_digits(write(end, ':'), of_day / 60'000 % 60, 2);
    end = write_digits(write(end, ':'), of_day / 1000 % 60, 2);
    end = write_digits(write(end, '.'), of_day % 1000, 3);
    end = write(write(end, 'Z'), '"');
    out.append(text, end);
}

void append_id(std::string& out, const chat::ObjectId& id) {
    char text[2 * sizeof(id.bytes) + 2];
    char* end = write(text, '"');
    for (const std::uint8_t byte : id.bytes) end = write(write(end, kHex[byte >> 4]), kHex[byte & 0x0f]);
    out.append(text, write(end, '"'));
}

std::string number_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (value == 0) return "0";
    if (value < 0) return "-" + number_text(-value);
    if (std::isinf(value)) return "Infinity";
    return layout(shortest_of(value));
}

}  // namespace parley::dialect
