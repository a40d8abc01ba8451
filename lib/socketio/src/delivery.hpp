// Delivery: an Operation on its way to the loops of this process, its packet made ready for both transports once.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "parley/engineio/session.hpp"
#include "parley/socketio/adapter.hpp"
#include "parley/socketio/broadcast.hpp"

namespace parley::socketio {

// The messages of one packet.
using PreparedMessages = std::vector<engineio::PreparedPacket>;
PreparedMessages prepare_messages(const EncodedPacket& packet, bool compress);

// An event ready to be sent. The packet is kept for who listens to outgoing events, or adds an offset to it.
struct PreparedEvent::Content {
    EncodedPacket packet;
    PreparedMessages messages;
};

struct Delivery {
    explicit Delivery(Operation&& what);

    Operation operation;
    PreparedMessages messages;
    // The same with an offset behind the arguments, for sockets that can recover; empty if none was given one.
    PreparedMessages with_offset;
    std::uint64_t position = 0;             // in the log; 0: not in it
    AckId ack_id = 0;                       // EmitWithAck: as in the packet
    std::shared_ptr<AnswerSink> answers{};  // nullptr: none are wanted
};

}  // namespace parley::socketio
