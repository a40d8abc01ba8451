// Feeds the MessagePack packet decoder anything. What it takes must be consistent: checked and built alike, and an encoding that decodes to the same.
#include <cstdint>
#include <cstdlib>

#include "msgpack.hpp"
#include "parley/socketio/parser.hpp"

using namespace parley::socketio;

namespace {

const Parser kParser(ParserKind::MessagePack);

void require(bool condition) {
    if (!condition) std::abort();
}

// What is checked without building it must be what can be built.
void check_value(std::string_view bytes) {
    Value value;
    MsgpackReader builds(bytes);
    MsgpackReader skips(bytes);
    require(builds.read(value) == skips.skip());
    require(builds.rest() == skips.rest());
}

std::optional<ReceivedPacket> receive(std::string_view message) {
    auto received = PacketReader().feed(kParser, message, true);
    return received ? std::move(*received) : std::nullopt;
}

EncodedPacket encode(ReceivedPacket& packet) {
    if (packet.type == PacketType::Event) return kParser.event(packet.nsp, packet.event, packet.take_arguments(), packet.ack_id);
    return kParser.ack(packet.nsp, packet.ack_id.value_or(0), packet.take_arguments());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_value(bytes);
    auto packet = receive(bytes);
    if (!packet) return 0;
    (void)packet->payload();
    if (packet->type != PacketType::Event && packet->type != PacketType::Ack) return 0;
    const EncodedPacket first = encode(*packet);
    auto again = receive(first.text);
    require(again && again->type == packet->type && again->event == packet->event && again->nsp == packet->nsp);
    require(encode(*again).text == first.text);  // bytes, not values: NaN is not equal to itself
    return 0;
}
