#include "head_lines.hpp"

#include <algorithm>
#include <array>

namespace parley::net {
namespace {

// RFC 9110 section 5.6.2.
constexpr auto kTokenCharacters = [] {
    std::array<bool, 256> table{};
    for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return kTokenCharacters[static_cast<unsigned char>(c)]; });
}

// Both look at every byte whatever they have seen, so that the compiler looks at many at once.
bool holds_control(std::string_view text) {
    bool found = false;
    for (const char c : text) found |= static_cast<bool>((static_cast<unsigned char>(c) < 0x20) | (c == 0x7f));
    return found;
}

bool holds_control_but_tab(std::string_view text) {
    bool found = false;
    for (const char c : text) found |= static_cast<bool>(((static_cast<unsigned char>(c) < 0x20) & (c != '\t')) | (c == 0x7f));
    return found;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<LineFault> check_version(std::string_view version) {
    // RFC 9112 section 2.3: case-sensitive, one digit each.
    const bool is_version =
        version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
    if (!is_version) return LineFault{400, "malformed HTTP version"};
    if (version[5] != '1' || version[7] > '1') return LineFault{505, "this HTTP version is not supported"};
    return std::nullopt;
}

}  // namespace

std::optional<LineFault> check_request_line(std::string_view line) {
    // RFC 9112 section 3: single spaces, nothing around them.
    const std::size_t first = line.find(' ');
    if (first == std::string_view::npos || !is_token(line.substr(0, first))) return LineFault{400, "malformed request line"};
    const std::size_t second = line.find(' ', first + 1);
    if (second == std::string_view::npos || second == first + 1) return LineFault{400, "malformed request line"};
    const std::string_view target = line.substr(first + 1, second - first - 1);
    if (holds_control(target)) return LineFault{400, "malformed request target"};
    return check_version(line.substr(second + 1));
}

std::optional<LineFault> check_field_line(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return LineFault{400, "obsolete line folding"};  // RFC 9112 section 5.2
    const std::size_t colon = line.find(':');
    // RFC 9112 section 5.1: no space between the name and the colon.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return LineFault{400, "malformed header field name"};
    // RFC 9110 section 5.5
    if (holds_control_but_tab(line.substr(colon + 1))) return LineFault{400, "control character in a header field"};
    return std::nullopt;
}

}  // namespace parley::net
