// Packets and polling bodies of the Engine.IO protocol, version 3, which socket.io-client 2 speaks. What differs from version 4 (packet.hpp):
// a binary packet has a type, as its first byte; as text it is `b`, the type and base64. A polling body says how long each packet is: as text
// `<length>:<packet>`, the length in UTF-16 code units as JavaScript counts; as application/octet-stream a byte 0 (text) or 1 (bytes), the decimal
// digits of the length in bytes as bytes 0 to 9, a byte 255, the packet (engine.io-protocol, version 3, "Encoding"). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "parley/engineio/packet.hpp"

namespace parley::engineio::v3 {

// One packet of a text message; the data of a base64 one is put into `bytes`, and must not outlive it. nullopt: it is none.
std::optional<Packet> decode_text(std::string_view text, std::string& bytes);
// One packet of a binary message.
std::optional<Packet> decode_bytes(std::string_view message);

// A binary message as a packet for transports that carry text, and for those that carry bytes.
std::string encode_as_text(std::string_view message);
std::string encode_as_bytes(std::string_view message);

// Takes a polling body apart, one packet after the other.
class PayloadReader {
public:
    // `payload` must stay valid while the reader is used. `octet_stream`: it came as bytes.
    PayloadReader(std::string_view payload, bool octet_stream)
        : rest_(payload), octet_stream_(octet_stream), done_(octet_stream && payload.empty()) {}

    // As engineio::PayloadReader::next(). Errors: Protocol (no length, less than the length says, no packet type, bad base64, not UTF-8).
    Result<std::optional<Packet>> next();

private:
    std::optional<Packet> read_text();
    std::optional<Packet> read_bytes();

    std::string_view rest_;
    std::string bytes_;  // of the last base64 packet
    bool octet_stream_;
    bool done_;
};

// Adds a packet to a polling body: a text packet with its type, or the bytes of a binary message.
void append_to_text(std::string& payload, std::string_view packet, bool binary);
void append_to_bytes(std::string& payload, std::string_view packet, bool binary);

}  // namespace parley::engineio::v3
