#include "msgpack_packet.hpp"

#include "msgpack.hpp"
#include "packet_rules.hpp"

namespace parley::socketio {
namespace {

using Kind = MsgpackReader::Kind;

// The map of a packet, its values not looked into yet.
struct Fields {
    std::string_view type;
    std::string_view nsp;
    std::string_view data;
    std::string_view id;

    std::string_view* find(std::string_view name) {
        if (name == "type") return &type;
        if (name == "nsp") return &nsp;
        if (name == "data") return &data;
        return name == "id" ? &id : nullptr;
    }
};

// Of a value that has been checked.
MsgpackReader::Token head_of(std::string_view value) {
    return value.empty() ? MsgpackReader::Token{} : MsgpackReader(value).next().value_or(MsgpackReader::Token{});
}

bool is_missing(std::string_view value) {
    const Kind kind = head_of(value).kind;
    return kind == Kind::Nil || kind == Kind::Undefined;
}

Result<Fields> read_fields(std::string_view message) {
    MsgpackReader reader(message);
    const auto map = reader.next();
    if (!map || map->kind != Kind::Map) return malformed("not a map");
    Fields fields;
    MsgpackNames names;
    for (std::size_t i = 0; i < map->count; ++i) {
        const auto name = reader.next();
        if (!name || name->kind != Kind::String) return malformed("name of a field");
        names.add(name->bytes);
        const std::string_view before = reader.rest();
        if (!reader.skip()) return malformed(std::string(reader.error()));
        if (std::string_view* field = fields.find(name->bytes)) *field = before.substr(0, before.size() - reader.rest().size());
    }
    if (!names.unique()) return malformed("field twice");
    if (!reader.rest().empty()) return malformed("bytes behind the packet");
    return fields;
}

// An integer that is not negative, of at most `limit`.
std::optional<std::uint64_t> number_of(std::string_view value, std::uint64_t limit) {
    const auto head = head_of(value);
    const bool integer = head.kind == Kind::Integer || head.kind == Kind::Unsigned;  // a negative one is over any limit in two's complement
    return integer && head.bits <= limit ? std::optional(head.bits) : std::nullopt;
}

Result<void> read_head(const Fields& fields, Packet& packet, const PacketLimits& limits, unsigned protocol) {
    const auto type = number_of(fields.type, static_cast<std::uint64_t>(PacketType::ConnectError));
    if (!type) return malformed("type");
    packet.type = static_cast<PacketType>(*type);
    const auto nsp = head_of(fields.nsp);
    if (nsp.kind != Kind::String) return malformed("namespace");
    if (!is_missing(fields.id)) {
        packet.ack_id = number_of(fields.id, kMaxAckId);
        if (!packet.ack_id) return malformed("acknowledgement id");
    }
    return set_namespace(packet, nsp.bytes, limits, protocol);
}

Result<void> read_list(std::string_view data, Packet& packet) {
    MsgpackReader reader(data);
    const auto list = reader.next();
    if (!list || list->kind != Kind::Array) return malformed("payload is not an array");
    if (packet.type == PacketType::Event) {
        Value name;
        if (list->count == 0 || !reader.read(name)) return malformed("event without a name");
        if (auto set = set_event(packet, name); !set) return set;
    }
    packet.msgpack = reader.rest();
    return {};
}

// socket.io-protocol 5, "Packet types": what each may carry.
Result<void> read_data(std::string_view data, Packet& packet) {
    if (packet.type == PacketType::Event || packet.type == PacketType::Ack) return read_list(data, packet);
    if (is_missing(data)) return packet.type == PacketType::ConnectError ? malformed("payload missing") : Result<void>{};
    if (packet.type == PacketType::Disconnect) return malformed("payload where none is expected");
    const Kind kind = head_of(data).kind;
    const bool text = kind == Kind::String && packet.type == PacketType::ConnectError;
    if (kind != Kind::Map && !text) return malformed("payload is not an object");
    packet.msgpack = data;
    return {};
}

// All of a packet but its data, which may follow only then.
std::string head(PacketType type, std::string_view nsp, std::optional<AckId> id, bool has_data) {
    std::string out;
    append_msgpack_map(out, 2 + (id ? 1 : 0) + (has_data ? 1 : 0));
    append_msgpack_string(out, "type");
    append_msgpack_integer(out, static_cast<std::int64_t>(type));
    append_msgpack_string(out, "nsp");
    append_msgpack_string(out, nsp);
    if (id) {
        append_msgpack_string(out, "id");
        append_msgpack_integer(out, static_cast<std::int64_t>(*id));
    }
    if (has_data) append_msgpack_string(out, "data");
    return out;
}

std::string encode(PacketType type, std::string_view nsp, const Value& data) {
    std::string out = head(type, nsp, std::nullopt, true);
    append_msgpack(out, data);
    return out;
}

}  // namespace

Result<Packet> decode_msgpack_packet(std::string_view message, const PacketLimits& limits, unsigned protocol) {
    TRY(const Fields fields, read_fields(message));
    Packet packet;
    if (auto read = read_head(fields, packet, limits, protocol); !read) return fail(std::move(read).error());
    if (auto read = read_data(fields.data, packet); !read) return fail(std::move(read).error());
    return packet;
}

Arguments msgpack_arguments(std::string_view values) {
    std::vector<Value> arguments;
    MsgpackReader reader(values);
    while (!reader.rest().empty() && reader.read(arguments.emplace_back())) {
    }
    return Arguments::list(std::move(arguments));
}

Value msgpack_payload(std::string_view value) {
    Value payload;
    if (!value.empty()) MsgpackReader(value).read(payload);
    return payload;
}

std::string encode_msgpack_connect(std::string_view nsp, std::string_view sid, std::optional<std::string_view> pid, unsigned protocol) {
    if (protocol == kOldProtocol) return head(PacketType::Connect, nsp, std::nullopt, false);
    Object data{{"sid", sid}};
    if (pid) data.emplace_back("pid", *pid);
    return encode(PacketType::Connect, nsp, std::move(data));
}

std::string encode_msgpack_connect_error(std::string_view nsp, std::string_view message, const Value& data, unsigned protocol) {
    return encode(PacketType::ConnectError, nsp, connect_error_payload(message, data, protocol));
}

std::string encode_msgpack_disconnect(std::string_view nsp) {
    return head(PacketType::Disconnect, nsp, std::nullopt, false);
}

std::string encode_msgpack_event(std::string_view nsp, std::string_view event, const Arguments& arguments, std::optional<AckId> id) {
    std::string out = head(PacketType::Event, nsp, id, true);
    append_msgpack_array(out, arguments.size() + 1);
    append_msgpack_string(out, event);
    for (const Value& value : arguments) append_msgpack(out, value);
    return out;
}

std::string encode_msgpack_ack(std::string_view nsp, AckId id, const Arguments& arguments) {
    std::string out = head(PacketType::Ack, nsp, id, true);
    append_msgpack_array(out, arguments.size());
    for (const Value& value : arguments) append_msgpack(out, value);
    return out;
}

}  // namespace parley::socketio
