#include <utility>

#include "msgpack_packet.hpp"
#include "packet_rules.hpp"
#include "parley/socketio/parser.hpp"

namespace parley::socketio {
namespace {

Result<void> read(const Parser& parser, std::string_view message, bool binary, unsigned protocol, Packet& packet) {
    if (parser.kind() == ParserKind::Json) return read_packet(message, packet, parser.limits(), protocol);
    if (!binary) return malformed("text where MessagePack is expected");
    TRY(packet, decode_msgpack_packet(message, parser.limits(), protocol));
    return {};
}

}  // namespace

Arguments ReceivedPacket::take_arguments() {
    if (collected_) return std::move(arguments_);
    return msgpack.empty() ? Arguments::from_json(std::string(json)) : msgpack_arguments(msgpack);
}

Value ReceivedPacket::payload() const {
    if (json.empty()) return msgpack_payload(msgpack);
    return parse_json(json).value_or(Value());
}

const Packet* PacketReader::awaiting() const {
    return pending_ ? &pending_->packet() : nullptr;
}

Result<std::optional<ReceivedPacket>> PacketReader::feed(const Parser& parser, std::string_view message, bool binary, unsigned protocol) {
    if (binary && parser.kind() == ParserKind::Json) return feed_attachment(message);
    if (pending_) return malformed("text between attachments");
    Result<std::optional<ReceivedPacket>> received(std::in_place,
                                                   std::in_place);  // filled where it is: most of a small packet's cost is moving it
    ReceivedPacket& packet = **received;
    if (auto done = read(parser, message, binary, protocol, packet); !done) {
        received = fail(std::move(done).error());
    } else if (packet.attachments > 0) {
        pending_ = std::make_unique<AttachmentCollector>(packet);
        received->reset();
    }
    return received;
}

Result<std::optional<ReceivedPacket>> PacketReader::feed_attachment(std::string_view bytes) {
    if (!pending_) return malformed("bytes that belong to no packet");
    if (!pending_->add(bytes)) return std::nullopt;
    ReceivedPacket received;
    received.collected_ = std::move(pending_);
    TRY(received.arguments_, received.collected_->finish());
    static_cast<Packet&>(received) = received.collected_->packet();
    received.type = received.type == PacketType::BinaryEvent ? PacketType::Event : PacketType::Ack;
    return received;
}

}  // namespace parley::socketio
