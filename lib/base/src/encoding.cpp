#include "parley/base/encoding.hpp"

#include <array>
#include <cstdint>

namespace parley {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kInvalid = 0xff;

constexpr std::array<std::uint8_t, 256> invert(std::string_view alphabet) {
    std::array<std::uint8_t, 256> table{};
    table.fill(kInvalid);
    for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}

constexpr auto kFromBase64 = invert(kBase64);
constexpr auto kFromBase64Url = invert(kBase64Url);

// Without padding.
std::string encode64(std::string_view bytes, std::string_view alphabet) {
    std::string text((bytes.size() * 4 + 2) / 3, '\0');
    const auto byte = [&](std::size_t index) { return std::uint32_t{static_cast<std::uint8_t>(bytes[index])}; };
    char* out = text.data();
    const auto put = [&](std::uint32_t bits, int characters) {  // the upper ones of 24 bits
        for (int shift = 18; characters-- > 0; shift -= 6) *out++ = alphabet[bits >> shift & 63];
    };
    std::size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3) put(byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2), 4);
    if (bytes.size() - at == 1) put(byte(at) << 16, 2);
    if (bytes.size() - at == 2) put(byte(at) << 16 | byte(at + 1) << 8, 3);
    return text;
}

std::optional<std::string> decode64(std::string_view text, const std::array<std::uint8_t, 256>& table) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes(text.size() * 3 / 4, '\0');
    char* out = bytes.data();
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (unsigned char character : text) {
        const std::uint8_t value = table[character];
        if (value == kInvalid) return std::nullopt;
        bits = bits << 6 | value;
        held += 6;
        if (held >= 8) *out++ = static_cast<char>(bits >> (held -= 8) & 0xff);
    }
    const bool stray_bits = (bits & ((1u << held) - 1)) != 0;
    if (stray_bits) return std::nullopt;
    return bytes;
}

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::string hex_encode(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string base64_encode(std::string_view bytes) {
    std::string text = encode64(bytes, kBase64);
    while (text.size() % 4 != 0) text += '=';
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 == 0 && text.ends_with('=')) {
        text.remove_suffix(1);
        if (text.ends_with('=')) text.remove_suffix(1);
    }
    return decode64(text, kFromBase64);
}

std::optional<std::string> base64_decode_folded(std::string_view text) {
    if (text.find_first_of("\r\n") == std::string_view::npos) return base64_decode(text);
    std::string unfolded{text};
    std::erase_if(unfolded, [](char character) { return character == '\r' || character == '\n'; });
    return base64_decode(unfolded);
}

std::string base64url_encode(std::string_view bytes) {
    return encode64(bytes, kBase64Url);
}

std::optional<std::string> base64url_decode(std::string_view text) {
    return decode64(text, kFromBase64Url);
}

}  // namespace parley
