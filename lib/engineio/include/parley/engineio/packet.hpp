// Packets of the Engine.IO protocol, version 4, as bytes: one text or binary WebSocket message is one packet; a polling body is several, separated by
// U+001E, the binary ones as `b` and base64 (engine.io-protocol, "Packet encoding" and "Payload encoding"). Pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::engineio {

enum class PacketType : char {
    Open = '0',
    Close = '1',
    Ping = '2',
    Pong = '3',
    Message = '4',
    Upgrade = '5',
    Noop = '6',
};

struct Packet {
    PacketType type;
    std::string_view data;  // without the type
    bool binary = false;    // a Message of bytes
};

// One packet of a text message. nullopt: it is empty, or its type is none.
std::optional<Packet> decode_packet(std::string_view text);

// Takes a polling body apart, one packet after the other.
class PayloadReader {
public:
    // `payload` must stay valid while the reader is used.
    explicit PayloadReader(std::string_view payload) : rest_(payload) {}

    // The next packet; nullopt at the end. Its data is valid until the next call. Errors: Protocol (no packet type, bad base64, not UTF-8); after
    // one nothing more can be read.
    Result<std::optional<Packet>> next();

private:
    std::string_view rest_;
    std::string bytes_;  // of the last binary packet
    bool done_ = false;
};

// Adds a packet to a polling body: a text packet with its type, or the bytes of a binary message.
void append_packet(std::string& payload, std::string_view packet, bool binary);

// What the open packet tells the client.
struct Handshake {
    std::string_view sid;
    bool upgrades = false;  // to WebSocket
    std::chrono::milliseconds ping_interval;
    std::chrono::milliseconds ping_timeout;
    std::size_t max_payload;
};

// The open packet: `0{"sid":…}`.
std::string encode_open(const Handshake& handshake);

}  // namespace parley::engineio
