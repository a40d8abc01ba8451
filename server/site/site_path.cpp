#include "site/site_path.hpp"

#include <algorithm>

#include "parley/net/http.hpp"

namespace parley::site {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_forbidden(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\';
}

// Hexadecimal, long, and neither a plain number (a date) nor a word.
bool is_hex_hash(std::string_view text) {
    return text.size() >= 8 && text.size() <= 64 && std::ranges::all_of(text, is_hex) && std::ranges::any_of(text, is_digit) &&
           !std::ranges::all_of(text, is_digit);
}

// "SemiBold", "re-Entry": no digit, and two small letters after each capital.
bool is_words(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins_word = is_upper(text[i]) && i + 2 < text.size() && is_lower(text[i + 1]) && is_lower(text[i + 2]);
        if (is_digit(text[i]) || (is_upper(text[i]) && !begins_word)) return false;
    }
    return true;
}

// Eight characters of base64url that no words have: a capital within, or a digit with a letter after it.
bool is_base64_hash(std::string_view text) {
    const auto letter = [](char c) { return is_upper(c) || is_lower(c); };
    const auto base64 = [&](char c) { return letter(c) || is_digit(c) || c == '-' || c == '_'; };
    if (text.size() != 8 || !std::ranges::all_of(text, base64) || is_words(text)) return false;
    const bool capital_within = std::ranges::any_of(text.substr(1), is_upper) && !std::ranges::all_of(text, is_upper);
    const auto digit_then_letter = [&](char a, char b) { return is_digit(a) && letter(b); };
    return capital_within || std::ranges::adjacent_find(text, digit_then_letter) != text.end();
}

}  // namespace

std::expected<SitePath, PathProblem> SitePath::parse(std::string_view path) {
    if (!path.starts_with('/')) return std::unexpected(PathProblem::Hidden);
    SitePath result;
    result.folder = path.ends_with('/');
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view raw = path.substr(0, path.find('/'));
        path.remove_prefix(raw.size());
        if (raw.empty()) continue;
        const auto part = net::percent_decode(raw);
        if (!part) return std::unexpected(PathProblem::Malformed);
        if (part->starts_with('.') || std::ranges::any_of(*part, is_forbidden)) return std::unexpected(PathProblem::Hidden);
        if (!result.name.empty()) result.name += '/';
        result.name += *part;
    }
    return result;
}

bool SitePath::has_extension() const {
    const auto mark = name.find_last_of("./");
    return !folder && mark != std::string::npos && name[mark] == '.';
}

bool has_content_hash(std::string_view name) {
    const auto slash = name.rfind('/');
    if (slash == std::string_view::npos) return false;
    std::string_view stem = name.substr(slash + 1);
    if (stem.ends_with(".map")) stem.remove_suffix(4);
    stem = stem.substr(0, stem.rfind('.'));
    if (stem.size() > 9 && std::string_view("-.").contains(stem[stem.size() - 9]) && is_base64_hash(stem.substr(stem.size() - 8)))
        return true;
    const auto mark = stem.find_last_of("-.");
    return mark != std::string_view::npos && mark > 0 && is_hex_hash(stem.substr(mark + 1));
}

}  // namespace parley::site
