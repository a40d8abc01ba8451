// Parser: how packets are written on the wire, a choice of the server that its clients must share: JSON text with binary attachments beside it
// (socket.io-parser, what every client speaks), or one MessagePack message per packet with the bytes inside (socket.io-msgpack-parser).
// PacketReader: the way back, from a session's messages to packets.
//
// With MessagePack, what no Value can hold arrives as JSON.stringify would have written it: undefined as Null (a member is left out), a Date as its ISO
// 8601 text. NaN and the infinities arrive as doubles. Typed arrays and ArrayBuffers are Bytes.
// Old clients (Engine.IO 3) speak protocol 4, which differs where a `protocol` is a parameter here.
// Threading: a Parser is constant, any thread; a PacketReader belongs to its session's loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "parley/base/result.hpp"
#include "parley/socketio/arguments.hpp"
#include "parley/socketio/packet.hpp"
#include "parley/socketio/value.hpp"

namespace parley::socketio {

enum class ParserKind : std::uint8_t { Json, MessagePack };

class Parser {
public:
    explicit Parser(ParserKind kind, PacketLimits limits = {}) : kind_(kind), limits_(limits) {}

    ParserKind kind() const { return kind_; }
    const PacketLimits& limits() const { return limits_; }

    // `pid`: the private id of connection state recovery. Protocol 4 says neither id: its clients take the session's.
    EncodedPacket connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid = std::nullopt,
                          unsigned protocol = kProtocol) const;
    // `data`: Null for none. Protocol 4 has one thing only: the data if there are any, else the message.
    EncodedPacket connect_error(std::string_view nsp, std::string_view message, const Value& data = {},
                                unsigned protocol = kProtocol) const;
    EncodedPacket disconnect(std::string_view nsp) const;
    EncodedPacket event(std::string_view nsp, std::string_view event, const Arguments& arguments,
                        std::optional<AckId> id = std::nullopt) const;
    // Arguments that are JSON already, without the enclosing brackets. (MessagePack must read them: there, event() costs less.)
    EncodedPacket event_json(std::string_view nsp, std::string_view event, std::string_view arguments_json,
                             std::optional<AckId> id = std::nullopt) const;
    EncodedPacket ack(std::string_view nsp, AckId id, const Arguments& arguments) const;

private:
    ParserKind kind_;
    PacketLimits limits_;
};

// A packet and its payload, which stays as it came until it is asked for. The type is never BinaryEvent or BinaryAck: those have become Event and Ack.
// Views point into the message that completed the packet or into this object, and stay valid when it is moved.
class ReceivedPacket : public Packet {
public:
    // Event and Ack. Call it once, and not at all if nobody listens: then nothing was copied or built.
    Arguments take_arguments();
    // Connect: the auth object, Null without one. ConnectError: what came with it.
    Value payload() const;

private:
    friend class PacketReader;

    std::unique_ptr<AttachmentCollector> collected_;  // nullptr but for a packet that had attachments
    Arguments arguments_;                             // the same packet's
};

// One session's incoming messages. Idle, it is one pointer.
class PacketReader {
public:
    // The packet that this message completes; nullopt while attachments are missing. Protocol 4 writes a query behind the namespace: Packet::query.
    // Errors: Protocol, for a malformed packet, a limit exceeded, a text between attachments, bytes that belong to no packet. The reader is not to be
    // used after an error.
    Result<std::optional<ReceivedPacket>> feed(const Parser& parser, std::string_view message, bool binary, unsigned protocol = kProtocol);

    // The packet whose attachments are missing, to see whether they are wanted before they come; nullptr: none.
    const Packet* awaiting() const;

private:
    Result<std::optional<ReceivedPacket>> feed_attachment(std::string_view bytes);

    std::unique_ptr<AttachmentCollector> pending_;
};

}  // namespace parley::socketio
