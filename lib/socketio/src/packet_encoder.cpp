#include <charconv>
#include <utility>

#include "packet_rules.hpp"
#include "parley/socketio/packet.hpp"
#include "placeholders.hpp"

namespace parley::socketio {
namespace {

// What type, numbers and punctuation mostly take: little enough that a short acknowledgement needs no heap.
constexpr std::size_t kAround = 12;

void append_integer(std::string& out, std::uint64_t integer) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, integer).ptr);
}

// Everything before the JSON.
void append_head(std::string& out, PacketType type, std::string_view nsp, std::size_t attachments = 0,
                 std::optional<AckId> id = std::nullopt) {
    out += static_cast<char>('0' + static_cast<int>(type));
    if (attachments > 0) {
        append_integer(out, attachments);
        out += '-';
    }
    if (nsp != kDefaultNamespace) out.append(nsp).append(1, ',');
    if (id) append_integer(out, *id);
}

// About as many bytes as it takes in JSON.
std::size_t size_hint(const Value& value) {
    constexpr std::size_t kSmall = 8;
    if (value.is_string()) return value.as_string().size() + kSmall;
    return kSmall + 2 * kSmall * value.size();
}
std::size_t size_hint(const Arguments& arguments) {
    if (arguments.is_raw()) return arguments.raw().size();
    std::size_t sum = 0;
    for (const Value& value : arguments) sum += size_hint(value);
    return sum;
}

void append_arguments(std::string& out, const Arguments& arguments, bool first, std::vector<std::string>& attachments) {
    const auto separate = [&] {
        if (!std::exchange(first, false)) out += ',';
    };
    if (arguments.is_raw()) {
        separate();
        out += arguments.raw();
        return;
    }
    for (const Value& value : arguments) {
        separate();
        append_json_detaching(out, value, attachments);
    }
}

// `event`: absent in an acknowledgement. That there are attachments is known in the end only: then another head takes the place of the first.
EncodedPacket encode(PacketType plain, PacketType binary, std::string_view nsp, std::optional<AckId> id,
                     std::optional<std::string_view> event, const Arguments& arguments) {
    EncodedPacket packet;
    std::string& text = packet.text;
    text.reserve(kAround + nsp.size() + event.value_or("").size() + size_hint(arguments));
    append_head(text, plain, nsp, 0, id);
    const std::size_t head_size = text.size();
    text += '[';
    if (event) append_json_string(text, *event);
    append_arguments(text, arguments, !event, packet.attachments);
    text += ']';
    if (packet.attachments.empty()) return packet;
    std::string head;
    append_head(head, binary, nsp, packet.attachments.size(), id);
    text.replace(0, head_size, head);
    return packet;
}

}  // namespace

std::string encode_connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid, unsigned protocol) {
    std::string out;
    append_head(out, PacketType::Connect, nsp);
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
    std::string out;
    append_head(out, PacketType::ConnectError, nsp);
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
    std::string out;
    append_head(out, PacketType::Disconnect, nsp);
    return out;
}

EncodedPacket encode_event(std::string_view nsp, std::string_view event, const Arguments& arguments, std::optional<AckId> id) {
    return encode(PacketType::Event, PacketType::BinaryEvent, nsp, id, event, arguments);
}

EncodedPacket encode_ack(std::string_view nsp, AckId id, const Arguments& arguments) {
    return encode(PacketType::Ack, PacketType::BinaryAck, nsp, id, std::nullopt, arguments);
}

std::string encode_event_json(std::string_view nsp, std::string_view event, std::string_view arguments_json, std::optional<AckId> id) {
    std::string out;
    out.reserve(kAround + nsp.size() + event.size() + arguments_json.size());
    append_head(out, PacketType::Event, nsp, 0, id);
    out += '[';
    append_json_string(out, event);
    if (!arguments_json.empty()) out.append(1, ',').append(arguments_json);
    out += ']';
    return out;
}

}  // namespace parley::socketio
