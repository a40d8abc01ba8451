#include <algorithm>
#include <array>
#include <charconv>

#include "json_reader.hpp"
#include "packet_rules.hpp"
#include "parley/base/utf8.hpp"
#include "parley/socketio/packet.hpp"
#include "placeholders.hpp"

namespace parley::socketio {
namespace {

constexpr std::array<std::string_view, 6> kReservedEvents = {"connect",       "connect_error", "disconnect",
                                                             "disconnecting", "newListener",   "removeListener"};

bool is_digit(char character) {
    return '0' <= character && character <= '9';
}

bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// Takes the digits at the front of `text`. Nullopt: none, or more than `limit`.
std::optional<std::uint64_t> take_number(std::string_view& text, std::uint64_t limit) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number > limit) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

Result<void> take_attachments(std::string_view& text, Packet& packet, const PacketLimits& limits) {
    const auto count = take_number(text, limits.max_attachments);
    if (!count || *count == 0 || !text.starts_with('-')) return malformed("number of attachments");
    packet.attachments = static_cast<std::uint32_t>(*count);
    text.remove_prefix(1);
    return {};
}

Result<void> take_namespace(std::string_view& text, Packet& packet, const PacketLimits& limits, unsigned protocol) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return set_namespace(packet, name, limits, protocol);
}

Result<void> take_ack_id(std::string_view& text, Packet& packet) {
    packet.ack_id = take_number(text, kMaxAckId);
    if (!packet.ack_id) return malformed("acknowledgement id");
    return {};
}

// Where the JSON string or number at the front of a checked text ends.
std::size_t scalar_end(std::string_view text) {
    if (text.front() != '"') return std::min(text.find_first_of(",] \t\r\n"), text.size());
    std::size_t end = 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    return end + 1;
}

// `inside`: a checked array's text between its brackets. Takes the event's name away from it.
Result<void> take_event(std::string_view& inside, Packet& packet) {
    if (inside.empty() || !(inside.front() == '"' || inside.front() == '-' || is_digit(inside.front())))
        return malformed("event without a name");
    const std::string_view name = inside.substr(0, scalar_end(inside));
    inside = trim(inside.substr(name.size()));
    if (inside.starts_with(',')) inside = trim(inside.substr(1));
    const bool is_plain = name.front() == '"' && name.find('\\') == name.npos;
    if (is_plain) return set_event(packet, name.substr(1, name.size() - 2));
    TRY(const Value value, parse_json(name));
    return set_event(packet, value);
}

Result<void> read_list(std::string_view json, Packet& packet) {
    if (!json.starts_with('[')) return malformed("payload is not an array");
    packet.json = trim(json.substr(1, json.size() - 2));
    if (packet.type == PacketType::Ack || packet.type == PacketType::BinaryAck) return {};
    return take_event(packet.json, packet);
}

// socket.io-protocol 5, "Packet types": what each may carry.
Result<void> read_payload(std::string_view text, Packet& packet) {
    const std::string_view json = trim(text);
    if (json.empty() && (packet.type == PacketType::Connect || packet.type == PacketType::Disconnect)) return {};
    if (packet.type == PacketType::Disconnect) return malformed("payload where none is expected");
    if (!check_json(json)) return malformed("invalid JSON");
    packet.json = json;
    switch (packet.type) {
        case PacketType::Connect: return json.starts_with('{') ? Result<void>{} : malformed("payload is not an object");
        case PacketType::ConnectError:
            return json.starts_with('{') || json.starts_with('"') ? Result<void>{} : malformed("payload is not an object");
        default: return read_list(json, packet);
    }
}

bool is_placeholder(const Value& value) {
    const Value* mark = value.find("_placeholder");
    return mark && mark->is_bool() && mark->as_bool();
}

}  // namespace

bool is_reserved_event(std::string_view event) {
    return std::ranges::find(kReservedEvents, event) != kReservedEvents.end();
}

std::unexpected<Error> malformed(std::string what) {
    return fail(ErrorCode::Protocol, "malformed packet: " + std::move(what));
}

// The limits are counted without the query, which old clients fill with tokens.
Result<void> set_namespace(Packet& packet, std::string_view text, const PacketLimits& limits, unsigned protocol) {
    const std::size_t end = protocol == kOldProtocol ? std::min(text.find('?'), text.size()) : text.size();
    if (end > limits.max_namespace_bytes) return malformed("namespace too long");
    if (text.size() - end > limits.max_query_bytes) return malformed("query too long");
    if (!is_valid_utf8(text)) return malformed("namespace is not UTF-8");
    packet.nsp = text.substr(0, end);
    packet.query = text.substr(std::min(end + 1, text.size()));
    return {};
}

Result<void> set_event(Packet& packet, std::string_view name) {
    if (is_reserved_event(name)) return malformed("reserved event");
    packet.event = name;
    return {};
}

Result<void> set_event(Packet& packet, const Value& name) {
    if (!name.is_string() && !name.is_number()) return malformed("event without a name");
    return name.is_string() ? set_event(packet, std::string_view(name.as_string())) : set_event(packet, std::string_view(to_json(name)));
}

Result<void> read_packet(std::string_view text, Packet& packet, const PacketLimits& limits, unsigned protocol) {
    if (text.empty() || text.front() < '0' || text.front() > '6') return malformed("type");
    packet.type = static_cast<PacketType>(text.front() - '0');
    text.remove_prefix(1);
    if (packet.type == PacketType::BinaryEvent || packet.type == PacketType::BinaryAck) {
        if (auto taken = take_attachments(text, packet, limits); !taken) return taken;
    }
    if (text.starts_with('/')) {
        if (auto taken = take_namespace(text, packet, limits, protocol); !taken) return taken;
    }
    if (!text.empty() && is_digit(text.front())) {
        if (auto taken = take_ack_id(text, packet); !taken) return taken;
    }
    return read_payload(text, packet);
}

Result<Packet> decode_packet(std::string_view text, const PacketLimits& limits, unsigned protocol) {
    Result<Packet> packet;
    if (auto read = read_packet(text, *packet, limits, protocol); !read) packet = fail(std::move(read).error());
    return packet;
}

AttachmentCollector::AttachmentCollector(const Packet& packet) : packet_(packet), nsp_(packet.nsp), json_(packet.json) {
    packet_.nsp = nsp_;
    packet_.query = {};
    packet_.json = {};
}

bool AttachmentCollector::add(std::string_view bytes) {
    attachments_.emplace_back(Bytes{std::string(bytes)});
    return attachments_.size() == packet_.attachments;
}

Result<Arguments> AttachmentCollector::finish() {
    std::vector<Value> values = Arguments::from_json(std::move(json_)).values();
    for (Value& value : values) {
        if (!put_attachments(value, attachments_)) return malformed("placeholder without attachment");
    }
    return Arguments::list(std::move(values));
}

bool put_attachments(Value& value, std::vector<std::optional<Bytes>>& attachments) {
    if (is_placeholder(value)) {
        const Value& index = value["num"];
        if (!index.is_integer() || !std::in_range<std::size_t>(index.as_integer())) return false;
        const auto number = static_cast<std::size_t>(index.as_integer());
        if (number >= attachments.size() || !attachments[number]) return false;
        value = *std::exchange(attachments[number], std::nullopt);
        return true;
    }
    const auto put = [&attachments](Value& inner) { return put_attachments(inner, attachments); };
    if (auto* array = std::get_if<Array>(&value.storage())) return std::ranges::all_of(*array, put);
    if (auto* object = std::get_if<Object>(&value.storage())) return std::ranges::all_of(*object, put, &Object::value_type::second);
    return true;
}

}  // namespace parley::socketio
