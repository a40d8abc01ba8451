#include "parley/socketio/parser.hpp"

#include "msgpack_packet.hpp"

namespace parley::socketio {
namespace {

EncodedPacket text(std::string message) {
    return {std::move(message), {}, false};
}

EncodedPacket bytes(std::string message) {
    return {std::move(message), {}, true};
}

}  // namespace

EncodedPacket Parser::connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid, unsigned protocol) const {
    return kind_ == ParserKind::Json ? text(encode_connect(nsp, sid, pid, protocol))
                                     : bytes(encode_msgpack_connect(nsp, sid, pid, protocol));
}

EncodedPacket Parser::connect_error(std::string_view nsp, std::string_view message, const Value& data, unsigned protocol) const {
    return kind_ == ParserKind::Json ? text(encode_connect_error(nsp, message, data, protocol))
                                     : bytes(encode_msgpack_connect_error(nsp, message, data, protocol));
}

EncodedPacket Parser::disconnect(std::string_view nsp) const {
    return kind_ == ParserKind::Json ? text(encode_disconnect(nsp)) : bytes(encode_msgpack_disconnect(nsp));
}

EncodedPacket Parser::event(std::string_view nsp, std::string_view event, const Arguments& arguments, std::optional<AckId> id) const {
    return kind_ == ParserKind::Json ? encode_event(nsp, event, arguments, id) : bytes(encode_msgpack_event(nsp, event, arguments, id));
}

EncodedPacket Parser::event_json(std::string_view nsp, std::string_view event, std::string_view arguments_json,
                                 std::optional<AckId> id) const {
    if (kind_ == ParserKind::Json) return text(encode_event_json(nsp, event, arguments_json, id));
    return bytes(encode_msgpack_event(nsp, event, Arguments::from_json(std::string(arguments_json)), id));
}

EncodedPacket Parser::ack(std::string_view nsp, AckId id, const Arguments& arguments) const {
    return kind_ == ParserKind::Json ? encode_ack(nsp, id, arguments) : bytes(encode_msgpack_ack(nsp, id, arguments));
}

}  // namespace parley::socketio
