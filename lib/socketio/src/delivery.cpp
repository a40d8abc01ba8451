#include "delivery.hpp"

namespace parley::socketio {

PreparedMessages prepare_messages(const EncodedPacket& packet, bool compress) {
    PreparedMessages messages;
    if (packet.text.empty()) return messages;
    messages.reserve(1 + packet.attachments.size());
    messages.push_back(packet.binary ? engineio::PreparedPacket::bytes(packet.text, compress)
                                     : engineio::PreparedPacket::text(packet.text, compress));
    for (const std::string& attachment : packet.attachments) messages.push_back(engineio::PreparedPacket::bytes(attachment, compress));
    return messages;
}

Delivery::Delivery(Operation&& what) : operation(std::move(what)), messages(std::move(operation.prepared)) {
    if (messages.empty()) messages = prepare_messages(operation.packet, operation.compress);
    if (operation.compress) return;
    for (engineio::PreparedPacket& message : messages) {
        message.compress = false;
        message.deflated = nullptr;
    }
}

}  // namespace parley::socketio
