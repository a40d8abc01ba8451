#include "packet_rules.hpp"
#include "parley/socketio/packet.hpp"
#include "placeholders.hpp"

namespace parley::socketio {
namespace {

// Everything before the JSON.
std::string head(PacketType type, std::string_view nsp, std::size_t attachments = 0, std::optional<AckId> id = std::nullopt) {
    std::string out(1, static_cast<char>('0' + static_cast<int>(type)));
    if (attachments > 0) out += std::to_string(attachments) + '-';
    if (nsp != kDefaultNamespace) out.append(nsp).append(1, ',');
    if (id) out += std::to_string(*id);
    return out;
}

// `json`: the array's text so far, "[" and perhaps the event's name.
EncodedPacket encode(PacketType plain, PacketType binary, std::string_view nsp, std::optional<AckId> id, std::string json,
                     const Arguments& arguments) {
    EncodedPacket packet;
    const auto separate = [&json] {
        if (json.size() > 1) json += ',';
    };
    if (arguments.is_raw()) {
        separate();
        json += arguments.json();
    } else {
        for (const Value& value : arguments) {
            separate();
            append_json_detaching(json, value, packet.attachments);
        }
    }
    const std::size_t count = packet.attachments.size();
    packet.text = head(count > 0 ? binary : plain, nsp, count, id) + json + ']';
    return packet;
}

}  // namespace

std::string encode_connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid, unsigned protocol) {
    std::string out = head(PacketType::Connect, nsp);
    if (protocol == kOldProtocol) return out;
    out += "{\"sid\":";
    append_json_string(out, sid);
    if (pid) {
        out += ",\"pid\":";
        append_json_string(out, *pid);
    }
    return out + '}';
}

std::string encode_connect_error(std::string_view nsp, std::string_view message, const Value& data, unsigned protocol) {
    std::string out = head(PacketType::ConnectError, nsp);
    append_json(out, connect_error_payload(message, data, protocol));
    return out;
}

Value connect_error_payload(std::string_view message, const Value& data, unsigned protocol) {
    if (protocol == kOldProtocol) return data.is_null() ? Value(message) : data;
    Object payload{{"message", message}};
    if (!data.is_null()) payload.emplace_back("data", data);
    return payload;
}

std::string encode_disconnect(std::string_view nsp) {
    return head(PacketType::Disconnect, nsp);
}

EncodedPacket encode_event(std::string_view nsp, std::string_view event, const Arguments& arguments, std::optional<AckId> id) {
    std::string json = "[";
    append_json_string(json, event);
    return encode(PacketType::Event, PacketType::BinaryEvent, nsp, id, std::move(json), arguments);
}

EncodedPacket encode_ack(std::string_view nsp, AckId id, const Arguments& arguments) {
    return encode(PacketType::Ack, PacketType::BinaryAck, nsp, id, "[", arguments);
}

std::string encode_event_json(std::string_view nsp, std::string_view event, std::string_view arguments_json, std::optional<AckId> id) {
    std::string out = head(PacketType::Event, nsp, 0, id) + '[';
    append_json_string(out, event);
    if (!arguments_json.empty()) out.append(1, ',').append(arguments_json);
    return out + ']';
}

}  // namespace parley::socketio
