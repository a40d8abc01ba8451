// What holds for packets of either parser.
#pragma once

#include <string>
#include <string_view>

#include "parley/base/result.hpp"
#include "parley/socketio/packet.hpp"
#include "parley/socketio/value.hpp"

namespace parley::socketio {

std::unexpected<Error> malformed(std::string what);

// `text`: a namespace as sent. Sets nsp and, of protocol 4, query. Errors: Protocol, for one that is too long or not UTF-8.
Result<void> set_namespace(Packet& packet, std::string_view text, const PacketLimits& limits, unsigned protocol);

// decode_packet() into a new packet that is there already.
Result<void> read_packet(std::string_view text, Packet& packet, const PacketLimits& limits, unsigned protocol);

// Sets the event. Errors: Protocol, for what is neither a string nor a number, or a reserved event.
Result<void> set_event(Packet& packet, const Value& name);
Result<void> set_event(Packet& packet, std::string_view name);

// What a connect_error packet carries.
Value connect_error_payload(std::string_view message, const Value& data, unsigned protocol);

}  // namespace parley::socketio
