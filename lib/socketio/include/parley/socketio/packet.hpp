// Socket.IO packets as text and back (socket.io-protocol 5, "Packet encoding"; parser.hpp knows MessagePack too). Pure functions on bytes.
//
//     <type>[<attachments>-][<namespace>,][<acknowledgement id>][<JSON>]         2/chat,17["say",{"text":"hi"}]
//
// Binary data travels in binary messages of its own after the text; in the JSON {"_placeholder":true,"num":<index>} stands in its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/base/result.hpp"
#include "parley/socketio/arguments.hpp"

namespace parley::socketio {

enum class PacketType : std::uint8_t { Connect = 0, Disconnect, Event, Ack, ConnectError, BinaryEvent, BinaryAck };

using AckId = std::uint64_t;
inline constexpr AckId kMaxAckId = (AckId{1} << 53) - 1;  // what a JavaScript number counts exactly
inline constexpr std::string_view kDefaultNamespace = "/";

inline constexpr unsigned kProtocol = 5;
inline constexpr unsigned kOldProtocol = 4;  // of clients that speak Engine.IO 3

struct PacketLimits {
    std::size_t max_namespace_bytes = 256;
    std::size_t max_query_bytes = 4096;      // behind the namespace, in protocol 4
    std::size_t max_auth_bytes = 64 * 1024;  // of a CONNECT packet; kept, parsed, as long as the socket
    std::uint32_t max_attachments = 10;      // of one packet; each may have ServerOptions::max_payload bytes
};

// A decoded packet. Views point into the text that was decoded.
struct Packet {
    PacketType type = PacketType::Connect;
    std::string_view nsp = kDefaultNamespace;
    std::string_view query;  // protocol 4: "token=x" of the namespace "/admin?token=x"
    std::optional<AckId> ack_id;
    std::uint32_t attachments = 0;  // how many binary messages follow; only of BinaryEvent and BinaryAck, and at least 1 there
    std::string event;              // Event and BinaryEvent: its name; a number's is its text, as JavaScript has it
    std::string_view json;          // checked. Connect: an object or ""; ConnectError: an object or a string; Event and Ack: the arguments,
                                    // without the enclosing brackets
    std::string_view
        msgpack;  // the same in MessagePack, where a packet has this and no json; Event and Ack: the arguments, one after the other
};

// Errors: Protocol, for what is no packet, exceeds a limit or names a reserved event; parse_json()'s rules hold for the JSON.
Result<Packet> decode_packet(std::string_view text, const PacketLimits& limits = {}, unsigned protocol = kProtocol);

// Names that have a meaning of their own on one of the two sides: connect, connect_error, disconnect, disconnecting, newListener, removeListener.
bool is_reserved_event(std::string_view event);

// Gathers the binary messages that follow a BinaryEvent or BinaryAck.
class AttachmentCollector {
public:
    explicit AttachmentCollector(const Packet& packet);
    AttachmentCollector(const AttachmentCollector&) = delete;
    AttachmentCollector& operator=(const AttachmentCollector&) = delete;

    // Takes the next one. True when it was the last.
    bool add(std::string_view bytes);
    // When add() has returned true: the packet (json empty), and its arguments with the bytes in their places. Errors: Protocol, for a placeholder
    // without attachment, or two for one.
    const Packet& packet() const { return packet_; }
    Result<Arguments> finish();

private:
    Packet packet_;
    std::string nsp_;
    std::string json_;
    std::vector<std::optional<Bytes>> attachments_;
};

// A packet ready to be sent: the first message, a text unless `binary`, and the binary messages after it.
struct EncodedPacket {
    std::string text;
    std::vector<std::string> attachments;
    bool binary = false;  // MessagePack, which has no attachments
};

// As Parser's functions of the same name, which say what the parameters mean.
std::string encode_connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid = std::nullopt,
                           unsigned protocol = kProtocol);
std::string encode_connect_error(std::string_view nsp, std::string_view message, const Value& data = {}, unsigned protocol = kProtocol);
std::string encode_disconnect(std::string_view nsp);
// BinaryEvent and BinaryAck if there are Bytes among the arguments.
EncodedPacket encode_event(std::string_view nsp, std::string_view event, const Arguments& arguments,
                           std::optional<AckId> id = std::nullopt);
EncodedPacket encode_ack(std::string_view nsp, AckId id, const Arguments& arguments);
// Arguments that are JSON already, without the enclosing brackets.
std::string encode_event_json(std::string_view nsp, std::string_view event, std::string_view arguments_json,
                              std::optional<AckId> id = std::nullopt);

}  // namespace parley::socketio
