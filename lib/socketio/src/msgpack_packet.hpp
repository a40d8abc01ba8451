// Socket.IO packets in MessagePack, as socket.io-msgpack-parser 3 has them: one binary message, a map of `type`, `nsp`, `data` and `id`. Pure functions on
// bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"
#include "parley/socketio/arguments.hpp"
#include "parley/socketio/packet.hpp"
#include "parley/socketio/value.hpp"

namespace parley::socketio {

// What else is in the map is checked and ignored. A field that is undefined or nil counts as missing. Of the result, `msgpack` views `message`.
// Errors: Protocol, by the rules of decode_packet(); of MsgpackReader for the format.
Result<Packet> decode_msgpack_packet(std::string_view message, const PacketLimits& limits, unsigned protocol = kProtocol);

// What Packet::msgpack holds.
Arguments msgpack_arguments(std::string_view values);
Value msgpack_payload(std::string_view value);

std::string encode_msgpack_connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid, unsigned protocol);
std::string encode_msgpack_connect_error(std::string_view nsp, std::string_view message, const Value& data, unsigned protocol);
std::string encode_msgpack_disconnect(std::string_view nsp);
std::string encode_msgpack_event(std::string_view nsp, std::string_view event, const Arguments& arguments, std::optional<AckId> id);
std::string encode_msgpack_ack(std::string_view nsp, AckId id, const Arguments& arguments);

}  // namespace parley::socketio
