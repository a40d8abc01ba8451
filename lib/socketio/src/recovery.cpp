#include "recovery.hpp"

#include <algorithm>
#include <limits>

#include "socket_extras.hpp"

namespace parley::socketio {
namespace {

constexpr std::chrono::seconds kSlack{10};

// JSON: `…]` becomes `…,<argument>]`. An event's array is never empty.
EncodedPacket with_argument(const Parser& parser, const EncodedPacket& packet, const Value& argument) {
    EncodedPacket longer = packet;
    if (!packet.binary) {
        longer.text.pop_back();
        longer.text += ',';
        append_json(longer.text, argument);
        longer.text += ']';
        return longer;
    }
    PacketReader reader;
    auto read = reader.feed(parser, packet.text, true);
    if (!read || !*read) return longer;
    std::vector<Value> values = (*read)->take_arguments().values();
    values.push_back(argument);
    return parser.event((*read)->nsp, (*read)->event, Arguments::list(std::move(values)));
}

}  // namespace

Recovery::Recovery(const RecoveryOptions& options, const Parser& parser, std::chrono::milliseconds loss_noticed_after)
    : parser_(parser),
      log_({.kept_for = options.max_disconnection + loss_noticed_after + kSlack, .max_bytes = options.max_log_bytes}),
      sessions_({.max_disconnection = options.max_disconnection, .max_sessions = options.max_sessions}) {}

void Recovery::note(const std::shared_ptr<Delivery>& delivery) {
    const Operation& operation = delivery->operation;
    const bool emits = operation.kind == Operation::Kind::Emit || operation.kind == Operation::Kind::EmitLatest;
    if (!emits || sessions_.empty()) return;
    if (operation.kind == Operation::Kind::EmitLatest || operation.is_volatile) {
        if (const auto packet = shielded(parser_, operation.packet)) delivery->with_offset = prepare_messages(*packet, operation.compress);
        return;
    }
    std::size_t bytes = sizeof(Delivery) + 4 * operation.packet.text.size();
    for (const std::string& attachment : operation.packet.attachments) bytes += 3 * attachment.size();
    const auto now = RecoveryLog::Clock::now();
    delivery->position = log_.append(delivery, operation.rooms, operation.except, bytes, now);
    const EncodedPacket packet = with_argument(parser_, operation.packet, log_.offset(delivery->position));
    delivery->with_offset = prepare_messages(packet, operation.compress);
}

void Recovery::sweep() {
    const auto now = RecoveryLog::Clock::now();
    sessions_.expire(now);
    if (sessions_.empty()) {
        log_.clear();
    } else {
        log_.prune(now);
    }
}

void RecoveryState::leave(std::string_view room, LogPosition at) {
    const auto is_here = [room](const RoomMembership& membership) { return membership.room == room && !membership.left(); };
    const auto here = std::ranges::find_if(rooms, is_here);
    if (here == rooms.end()) return;
    if (here->joined_at == at) {
        rooms.erase(here);
        return;
    }
    here->left_at = at;
    if (std::ranges::count_if(rooms, &RoomMembership::left) > kLeftKept) rooms.erase(std::ranges::find_if(rooms, &RoomMembership::left));
}

std::optional<EncodedPacket> shielded(const Parser& parser, const EncodedPacket& packet) {
    if (!packet.binary) {
        if (!packet.text.ends_with("\"]")) return std::nullopt;
        return with_argument(parser, packet, Value());
    }
    const EventView event = read_event(parser, packet);
    if (!event.arguments.empty() && !event.arguments[event.arguments.size() - 1].is_string()) return std::nullopt;
    return with_argument(parser, packet, Value());
}

EventView read_event(const Parser& parser, const EncodedPacket& packet) {
    constexpr auto kAny = std::numeric_limits<std::uint32_t>::max();  // the limits are the clients'
    const Parser reads(parser.kind(), {.max_namespace_bytes = kAny, .max_query_bytes = kAny, .max_attachments = kAny});
    PacketReader reader;
    auto read = reader.feed(reads, packet.text, packet.binary);
    for (const std::string& attachment : packet.attachments) {
        if (read) read = reader.feed(reads, attachment, true);
    }
    if (!read || !*read) return {};
    return {(*read)->event, (*read)->take_arguments()};
}

}  // namespace parley::socketio
