#include "chat/people.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <chrono>

namespace bench::chat {
namespace {

constexpr long kLifetimeSeconds = 86400;

// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    unsigned bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) text += kDigits[bits >> (held - 6) & 63];
    }
    if (held > 0) text += kDigits[bits << (6 - held) & 63];
    return text;
}

std::string sign(std::string_view text, std::string_view secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         mac.data(), &length);
    return base64url({reinterpret_cast<const char*>(mac.data()), length});
}

}  // namespace

std::string user_id(std::size_t number) {
    return fmt::format("65000000be0ca10000{:06x}", number);
}

std::string message_id(std::size_t number) {
    return fmt::format("65000001be0ca10000{:06x}", number);
}

std::string username(std::size_t number) {
    return fmt::format("user{}", number);
}

std::string message_text(std::uint64_t number) {
    return fmt::format("#{} a chat message of ordinary length, about one hundred bytes in all, give or take a few of them", number);
}

std::uint64_t message_number(std::string_view text) {
    std::uint64_t number = kNoNumber;
    if (text.starts_with('#')) std::from_chars(text.data() + 1, text.data() + text.size(), number);
    return number;
}

std::string cookie_line(std::size_t number, std::string_view jwt_secret) {
    using namespace std::chrono;
    const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    const std::string claims = fmt::format(R"({{"userId":"{}","iat":{},"exp":{}}})", user_id(number), now, now + kLifetimeSeconds);
    const std::string signed_part = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims);
    return fmt::format("Cookie: jwt={}.{}\r\n", signed_part, sign(signed_part, jwt_secret));
}

std::vector<std::string> cookie_lines(std::size_t first, std::size_t count, std::string_view jwt_secret) {
    std::vector<std::string> lines;
    lines.reserve(count);
    for (std::size_t i = 0; i < count; ++i) lines.push_back(cookie_line(first + i, jwt_secret));
    return lines;
}

}  // namespace bench::chat
