// Answers each line of its input, a MessagePack packet in hexadecimal, by a line: what was understood, as an event with the arguments type, namespace,
// acknowledgement id, event name and payload (a list for events and acknowledgements), and, of these two, the packet as it would be sent on. Or "refused"
// and why. tests/interop/msgpack_packets.test.mjs compares it with the packages that JavaScript has.
#include <iostream>
#include <string>

#include "parley/base/encoding.hpp"
#include "parley/socketio/parser.hpp"

using namespace parley;
using namespace parley::socketio;

namespace {

const Parser kParser(ParserKind::MessagePack);

std::string hex(const EncodedPacket& packet) {
    return hex_encode(packet.text);
}

std::string answer(std::string_view message) {
    auto received = PacketReader().feed(kParser, message, true);
    if (!received) return "refused: " + received.error().message;
    ReceivedPacket packet = *std::move(*received);
    const Value id = packet.ack_id ? Value(*packet.ack_id) : Value();
    const bool event = packet.type == PacketType::Event;
    const bool list = event || packet.type == PacketType::Ack;
    const Arguments arguments = list ? packet.take_arguments() : Arguments();
    const Value payload = list ? Value(Array(arguments.values())) : packet.payload();
    const EncodedPacket understood =
        kParser.event("/", "understood", {static_cast<int>(packet.type), packet.nsp, id, packet.event, payload});
    if (!list) return hex(understood);
    return hex(understood) + ' ' +
           hex(event ? kParser.event(packet.nsp, packet.event, arguments, packet.ack_id)
                     : kParser.ack(packet.nsp, packet.ack_id.value_or(0), arguments));
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) std::cout << answer(hex_decode(line).value_or("")) << '\n';
}
