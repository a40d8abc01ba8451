// How a session's messages go out: as WebSocket messages in the words of its protocol version, or into the queue for the next poll.
#include <algorithm>
#include <utility>

#include "parley/engineio/packet_v3.hpp"
#include "session_impl.hpp"
#include "shard.hpp"
#include "upgrade.hpp"

namespace parley::engineio {

bool SessionImpl::writable() const {
    if (state_ != State::Open) return false;
    if (wire_) return !wire_->blocked();
    return polling_->waiting && !has_output() && !(upgrade_ && upgrade_->probed);
}

void SessionImpl::send_text(std::string_view message, bool compress) {
    if (state_ != State::Open) return;
    shard_.tallies().messages_out.add();
    std::string& packet = shard_.scratch();
    packet = static_cast<char>(PacketType::Message);
    packet += message;
    if (wire_) {
        wire_->send_text(packet, compress);
    } else {
        enqueue({share(packet), 0, false, compress});
    }
}

void SessionImpl::send_binary(std::string_view message, bool compress) {
    if (state_ != State::Open) return;
    shard_.tallies().messages_out.add();
    if (wire_) {
        write_binary(*wire_, message, compress);
    } else {
        enqueue({share(std::string(message)), 0, true, compress});
    }
}

void SessionImpl::send(const PreparedPacket& packet) {
    if (state_ != State::Open) return;
    shard_.tallies().messages_out.add();
    if (!wire_) return enqueue({packet.frame, packet.payload_offset, packet.binary, packet.compress});
    if (packet.binary && protocol_ == 3) return write_binary(*wire_, packet.packet(), packet.compress);
    wire_->send(packet);
}

void SessionImpl::write_binary(net::WebSocket& socket, std::string_view message, bool compress) {
    if (protocol_ != 3) {
        socket.send_binary(message, compress);
    } else if (opening_.base64) {
        socket.send_text(v3::encode_as_text(message), compress);
    } else {
        socket.send_binary(v3::encode_as_bytes(message), compress);
    }
}

void SessionImpl::send_latest(std::uint32_t channel, const PreparedPacket& packet) {
    if (state_ != State::Open) return;
    if (wire_ && !latest_ && wire_->queued_bytes() == 0) return send(packet);
    if (!latest_) latest_ = std::make_unique<std::vector<Latest>>();
    const auto same = std::ranges::find(*latest_, channel, &Latest::channel);
    if (same != latest_->end()) {
        same->packet = packet;
        return;
    }
    latest_->push_back({channel, packet});
    if (!std::exchange(flushing_, true)) shard_.flush_later(*this);
}

void SessionImpl::send_control(std::string_view packet) {
    if (wire_) {
        wire_->send_text(packet);
    } else {
        enqueue({share(std::string(packet)), 0, false, true});
    }
}

// At the end of a turn, or of a later one: what WebSocket messages of this turn are in the way is written when this is called again.
void SessionImpl::flush() {
    flushing_ = false;
    if (state_ != State::Open) return;
    if (polling_) {
        if (polling_->waiting && has_output()) answer_poll(std::move(polling_->waiting));
        return;
    }
    if (!latest_ || wire_->blocked()) return;  // on_drained follows
    if (wire_->queued_bytes() == 0) return send_queued_latest();
    flushing_ = true;
    shard_.flush_later(*this);
}

void SessionImpl::on_drained(const Carrier& carrier) {
    if (websocket_.get() == &carrier) send_queued_latest();
}

void SessionImpl::send_queued_latest() {
    const auto waited = std::move(latest_);
    if (!waited) return;
    for (const Latest& latest : *waited) send(latest.packet);
}

}  // namespace parley::engineio
