#include "chat/username.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "parley/base/utf8.hpp"

namespace parley::chat {
namespace {

struct Free {
    void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
};

const utf8proc_uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// "" for what is not UTF-8.
std::string map(std::string_view text, int options) {
    utf8proc_uint8_t* raw = nullptr;
    const auto length =
        utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &raw, static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, Free> mapped(raw);
    if (length < 0) return {};
    return {reinterpret_cast<const char*>(mapped.get()), static_cast<std::size_t>(length)};
}

// ECMA-262, 12.2 and 12.3: WhiteSpace and LineTerminator, what String.prototype.trim removes.
bool is_white_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

// UAX 9, 2: embeddings, overrides, isolates and implicit marks, which make a name look like another one.
bool is_bidi_control(char32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}

// Takes the first code point off valid UTF-8.
char32_t pop_front(std::string_view& text) {
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &c);
    text.remove_prefix(length > 0 ? static_cast<std::size_t>(length) : text.size());
    return static_cast<char32_t>(c);
}

std::string_view trim(std::string_view text) {
    std::string_view trimmed = text.substr(0, 0);
    while (!text.empty()) {
        const char* start = text.data();
        if (is_white_space(pop_front(text))) continue;
        if (trimmed.empty()) trimmed = {start, 0};
        trimmed = {trimmed.data(), static_cast<std::size_t>(text.data() - trimmed.data())};
    }
    return trimmed;
}

}  // namespace

std::string search_key(std::string_view text) {
    // Decomposed first: folding U+0345 (iota subscript) depends on the order of the marks around it.
    return map(map(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

std::string username_key(std::string_view username) {
    return std::string(trim(search_key(username)));
}

Result<std::string> check_new_username(std::string_view username) {
    if (count_code_points(username) > kMaxUsernameCharacters) {
        return fail(ErrorCode::InvalidArgument, "Username must be at most " + std::to_string(kMaxUsernameCharacters) + " characters");
    }
    for (std::string_view rest = username; !rest.empty();) {
        const char32_t c = pop_front(rest);
        if (is_control(c)) return fail(ErrorCode::InvalidArgument, "Username cannot contain control characters");
        if (is_bidi_control(c)) return fail(ErrorCode::InvalidArgument, "Username cannot contain text direction characters");
    }
    auto key = username_key(username);
    if (key.empty()) return fail(ErrorCode::InvalidArgument, "Username cannot be empty");
    return key;
}

}  // namespace parley::chat
