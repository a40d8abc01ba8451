#include "parley/engineio/packet.hpp"

#include <fmt/format.h>

#include "parley/base/encoding.hpp"
#include "parley/base/utf8.hpp"
#include "parley/engineio/session.hpp"

namespace parley::engineio {
namespace {

constexpr char kSeparator = '\x1e';
constexpr char kBinaryMark = 'b';
constexpr std::size_t kOpenBytes = 128;  // of an open packet, without the session's id

PreparedPacket prepared(net::PreparedMessage message, std::size_t packet_bytes, bool binary, bool compress) {
    const std::size_t offset = message.frame->size() - packet_bytes;
    return {std::move(message), static_cast<std::uint32_t>(offset), binary, compress};
}

}  // namespace

std::optional<Packet> decode_packet(std::string_view text) {
    if (text.empty() || text.front() < '0' || text.front() > '6') return std::nullopt;
    return Packet{static_cast<PacketType>(text.front()), text.substr(1)};
}

Result<std::optional<Packet>> PayloadReader::next() {
    if (done_) return std::nullopt;
    const std::size_t end = rest_.find(kSeparator);
    const std::string_view encoded = rest_.substr(0, end);
    done_ = end == std::string_view::npos;
    if (!done_) rest_.remove_prefix(end + 1);

    if (encoded.starts_with(kBinaryMark)) {
        auto bytes = base64_decode_folded(encoded.substr(1));  // the official Java client folds
        if (bytes) {
            bytes_ = std::move(*bytes);
            return Packet{PacketType::Message, bytes_, true};
        }
    } else if (const auto packet = decode_packet(encoded); packet && is_valid_utf8(packet->data)) {
        return packet;
    }
    done_ = true;
    return fail(ErrorCode::Protocol, "not an Engine.IO packet");
}

void append_packet(std::string& payload, std::string_view packet, bool binary) {
    if (!payload.empty()) payload += kSeparator;
    if (!binary) {
        payload += packet;
        return;
    }
    payload += kBinaryMark;
    payload += base64_encode(packet);
}

std::string encode_open(const Handshake& handshake) {
    std::string packet;
    packet.reserve(kOpenBytes + handshake.sid.size());
    packet.append(R"(0{"sid":")").append(handshake.sid).append(R"(","upgrades":[)");
    if (handshake.upgrades) packet += R"("websocket")";
    packet.append(R"(],"pingInterval":)").append(fmt::format_int(handshake.ping_interval.count()).c_str());
    packet.append(R"(,"pingTimeout":)").append(fmt::format_int(handshake.ping_timeout.count()).c_str());
    packet.append(R"(,"maxPayload":)").append(fmt::format_int(handshake.max_payload).c_str());
    packet += '}';
    return packet;
}

PreparedPacket PreparedPacket::text(std::string_view message, bool compress) {
    std::string packet;
    packet.reserve(message.size() + 1);
    packet += static_cast<char>(PacketType::Message);
    packet += message;
    return prepared(net::PreparedMessage::text(packet, compress), packet.size(), false, compress);
}

PreparedPacket PreparedPacket::bytes(std::string_view message, bool compress) {
    return prepared(net::PreparedMessage::binary(message, compress), message.size(), true, compress);
}

}  // namespace parley::engineio
