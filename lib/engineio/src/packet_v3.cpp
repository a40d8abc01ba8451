#include "parley/engineio/packet_v3.hpp"

#include <algorithm>

#include "parley/base/encoding.hpp"
#include "parley/base/utf8.hpp"

namespace parley::engineio::v3 {
namespace {

constexpr char kBase64Mark = 'b';
constexpr char kMessageType = 4;
constexpr char kLengthEnd = '\xff';
constexpr std::size_t kMaxLengthDigits = 10;

// A number of decimal digits, of which '0' is `zero`. nullopt: it is none, or too long.
std::optional<std::size_t> parse_length(std::string_view digits, char zero) {
    if (digits.empty() || digits.size() > kMaxLengthDigits) return std::nullopt;
    std::size_t length = 0;
    for (const char character : digits) {
        const int digit = character - zero;
        if (digit < 0 || digit > 9) return std::nullopt;
        length = length * 10 + static_cast<std::size_t>(digit);
    }
    return length;
}

// Takes the length up to `end` off the front.
std::optional<std::size_t> take_length(std::string_view& rest, char zero, char end) {
    const std::size_t digits = rest.substr(0, kMaxLengthDigits + 1).find(end);
    if (digits == std::string_view::npos) return std::nullopt;
    const auto length = parse_length(rest.substr(0, digits), zero);
    rest.remove_prefix(digits + 1);
    return length;
}

// How many bytes of UTF-8 are `units` UTF-16 code units. nullopt: the text is shorter, or a surrogate pair would be cut.
std::optional<std::size_t> bytes_of_utf16(std::string_view text, std::size_t units) {
    std::size_t bytes = 0;
    while (units > 0) {
        if (bytes >= text.size()) return std::nullopt;
        const auto lead = static_cast<unsigned char>(text[bytes]);
        const std::size_t needed = lead >= 0xf0 ? 2 : 1;
        if (needed > units) return std::nullopt;
        units -= needed;
        bytes += lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    }
    if (bytes > text.size()) return std::nullopt;
    return bytes;
}

std::optional<Packet> decode_base64(std::string_view text, std::string& bytes) {
    const auto packet = decode_packet(text);
    if (!packet) return std::nullopt;
    auto decoded = base64_decode_folded(packet->data);  // the official Java client folds
    if (!decoded) return std::nullopt;
    bytes = std::move(*decoded);
    return Packet{packet->type, bytes, true};
}

void append_digits(std::string& payload, std::size_t length) {
    for (const char digit : std::to_string(length)) payload += static_cast<char>(digit - '0');
}

}  // namespace

std::optional<Packet> decode_text(std::string_view text, std::string& bytes) {
    if (text.starts_with(kBase64Mark)) return decode_base64(text.substr(1), bytes);
    const auto packet = decode_packet(text);
    return packet && is_valid_utf8(packet->data) ? packet : std::nullopt;
}

std::optional<Packet> decode_bytes(std::string_view message) {
    if (message.empty() || static_cast<unsigned char>(message.front()) > 6) return std::nullopt;
    return Packet{static_cast<PacketType>('0' + message.front()), message.substr(1), true};
}

std::string encode_as_text(std::string_view message) {
    return std::string{kBase64Mark, static_cast<char>(PacketType::Message)} + base64_encode(message);
}

std::string encode_as_bytes(std::string_view message) {
    std::string packet(1, kMessageType);
    return packet += message;
}

Result<std::optional<Packet>> PayloadReader::next() {
    if (done_) return std::nullopt;
    const auto packet = octet_stream_ ? read_bytes() : read_text();
    done_ = !packet || rest_.empty();
    if (!packet) return fail(ErrorCode::Protocol, "not an Engine.IO packet");
    return packet;
}

std::optional<Packet> PayloadReader::read_text() {
    const auto units = take_length(rest_, '0', ':');
    if (!units) return std::nullopt;
    const auto bytes = bytes_of_utf16(rest_, *units);
    if (!bytes) return std::nullopt;
    if (*bytes == 0) return Packet{PacketType::Noop, ""};  // "0:" is how JavaScript writes no packets
    const std::string_view encoded = rest_.substr(0, *bytes);
    rest_.remove_prefix(*bytes);
    return decode_text(encoded, bytes_);
}

std::optional<Packet> PayloadReader::read_bytes() {
    const char kind = rest_.front();
    if (kind != 0 && kind != 1) return std::nullopt;
    rest_.remove_prefix(1);
    const auto length = take_length(rest_, 0, kLengthEnd);
    if (!length || *length > rest_.size()) return std::nullopt;
    const std::string_view encoded = rest_.substr(0, *length);
    rest_.remove_prefix(*length);
    return kind == 0 ? decode_text(encoded, bytes_) : decode_bytes(encoded);
}

void append_to_text(std::string& payload, std::string_view packet, bool binary) {
    const std::string base64 = binary ? encode_as_text(packet) : "";
    if (binary) packet = base64;
    payload += std::to_string(count_utf16_units(packet));
    payload += ':';
    payload += packet;
}

void append_to_bytes(std::string& payload, std::string_view packet, bool binary) {
    payload += binary ? '\1' : '\0';
    append_digits(payload, packet.size() + (binary ? 1 : 0));
    payload += kLengthEnd;
    if (binary) payload += kMessageType;
    payload += packet;
}

}  // namespace parley::engineio::v3
