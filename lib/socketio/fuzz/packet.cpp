// Feeds the packet decoder anything. What it takes must be consistent: views within the text, JSON that reads, and an encoding that decodes to the same.
#include <cstdint>
#include <cstdlib>

#include "parley/socketio/packet.hpp"

using namespace parley::socketio;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_event(const Packet& packet) {
    const Arguments arguments = Arguments::from_json(std::string(packet.json));
    require(packet.json.empty() || !arguments.empty());
    const EncodedPacket encoded = encode_event(packet.nsp, packet.event, Arguments::list(arguments.values()), packet.ack_id);
    const auto again = decode_packet(encoded.text);
    require(again && again->event == packet.event && again->nsp == packet.nsp && again->ack_id == packet.ack_id);
    require(to_json(Array(Arguments::from_json(std::string(again->json)).values())) == to_json(Array(arguments.values())));
}

void check_attachments(const Packet& packet) {
    AttachmentCollector collector(packet);
    for (std::uint32_t i = 0; i < packet.attachments; ++i) require(collector.add("x") == (i + 1 == packet.attachments));
    (void)collector.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto old = decode_packet(text, {}, kOldProtocol);
    require(!old || old->query.empty() || (old->query.data() >= text.data() && old->query.end() <= text.end()));
    const auto packet = decode_packet(text);
    if (!packet) return 0;
    require(packet->json.empty() || (packet->json.data() >= text.data() && packet->json.end() <= text.end()));
    if (packet->type == PacketType::Event) check_event(*packet);
    if (packet->attachments > 0) check_attachments(*packet);
    return 0;
}
