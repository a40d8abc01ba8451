#include "session_impl.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "parley/base/log.hpp"
#include "shard.hpp"
#include "upgrade.hpp"

namespace parley::engineio {
namespace {

constexpr std::string_view kClose = "1";
constexpr std::string_view kPing = "2";

// A WebSocket of ours that ended by itself.
CloseReason reason_of(net::CloseCode code, std::string_view text) {
    switch (code) {
        case net::CloseCode::ProtocolError:
        case net::CloseCode::UnsupportedData:
        case net::CloseCode::InvalidPayload:
        case net::CloseCode::MessageTooBig:
        case net::CloseCode::InternalError: return CloseReason::TransportError;
        case net::CloseCode::PolicyViolation: return text == "too slow" ? CloseReason::TooSlow : CloseReason::TransportClose;
        default: return CloseReason::TransportClose;
    }
}

}  // namespace

SessionImpl::SessionImpl(Shard& shard, std::string id, Opening opening) : shard_(shard), id_(std::move(id)), opening_(std::move(opening)) {}

SessionImpl::~SessionImpl() = default;

Loop& SessionImpl::loop() const {
    return shard_.loop();
}

// Opening

void SessionImpl::open_on_polling(Reply reply) {
    const ServerOptions& options = shard_.options();
    const bool upgrades = options.allow_upgrades && options.allow_websocket;
    polling_ = std::make_unique<Polling>();
    reply.send_packets(encode_open({id_, upgrades, options.ping_interval, options.ping_timeout, options.max_payload}));
    start();
}

void SessionImpl::open_on_websocket(net::DetachedConnection connection, std::string_view sec_websocket_key) {
    const ServerOptions& options = shard_.options();
    websocket_ = std::make_unique<Carrier>(shard_, *this);
    websocket_->adopt(std::move(connection), sec_websocket_key);
    websocket_->socket().send_text(encode_open({id_, false, options.ping_interval, options.ping_timeout, options.max_payload}));
    shard_.tallies().sessions_on_websocket.add();
    start();
}

void SessionImpl::start() {
    timer_.arm(loop().timers(), shard_.options().ping_interval);
    try {
        handler_ = shard_.factory()(*this);
    } catch (const std::exception& error) {
        log::error("defect: exception in a session factory: {}", error.what());
        close(CloseReason::ForcedClose, net::CloseCode::InternalError, "internal error");
    }
}

// Sending

void SessionImpl::send_text(std::string_view message) {
    if (state_ != State::Open) return;
    shard_.tallies().messages_out.add();
    std::string& packet = shard_.scratch();
    packet = static_cast<char>(PacketType::Message);
    packet += message;
    if (websocket_) {
        websocket_->socket().send_text(packet);
    } else {
        enqueue({share(packet), 0, false});
    }
}

void SessionImpl::send_binary(std::string_view message) {
    if (state_ != State::Open) return;
    shard_.tallies().messages_out.add();
    if (websocket_) {
        websocket_->socket().send_binary(message);
    } else {
        enqueue({share(std::string(message)), 0, true});
    }
}

void SessionImpl::send(const PreparedPacket& packet) {
    if (state_ != State::Open) return;
    shard_.tallies().messages_out.add();
    if (websocket_) {
        websocket_->socket().send({packet.frame});
    } else {
        enqueue({packet.frame, packet.payload_offset, packet.binary});
    }
}

void SessionImpl::send_latest(std::uint32_t channel, const PreparedPacket& packet) {
    if (state_ != State::Open) return;
    if (websocket_ && latest_.empty() && websocket_->socket().queued_bytes() == 0) return send(packet);
    const auto same = std::ranges::find(latest_, channel, &Latest::channel);
    if (same != latest_.end()) {
        same->packet = packet;
        return;
    }
    latest_.push_back({channel, packet});
    if (!std::exchange(flushing_, true)) shard_.flush_later(*this);
}

void SessionImpl::send_control(std::string_view packet) {
    if (websocket_) {
        websocket_->socket().send_text(packet);
    } else {
        enqueue({share(std::string(packet)), 0, false});
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
    if (latest_.empty() || websocket_->socket().blocked()) return;  // on_drained follows
    if (websocket_->socket().queued_bytes() == 0) return send_queued_latest();
    flushing_ = true;
    shard_.flush_later(*this);
}

void SessionImpl::on_drained(const Carrier& carrier) {
    if (websocket_.get() == &carrier) send_queued_latest();
}

void SessionImpl::send_queued_latest() {
    for (const Latest& latest : std::exchange(latest_, {})) send(latest.packet);
}

// Receiving

void SessionImpl::on_frame(const Carrier& carrier, std::string_view payload, bool binary) {
    if (websocket_.get() != &carrier) return on_probe_frame(payload, binary);
    heard_on_websocket_ = true;
    if (binary) return deliver(payload, true);
    const auto packet = decode_packet(payload);
    if (!packet) return close(CloseReason::ParseError, net::CloseCode::ProtocolError, "parse error");
    on_packet(*packet);
}

void SessionImpl::on_packet(const Packet& packet) {
    switch (packet.type) {
        case PacketType::Message: return deliver(packet.data, packet.binary);
        case PacketType::Pong: awaits_pong_ = false; return timer_.arm(loop().timers(), shard_.options().ping_interval);
        case PacketType::Close: return close(CloseReason::TransportClose, net::CloseCode::Normal, "");
        case PacketType::Ping:  // in version 4 the server pings
            return close(CloseReason::TransportError, net::CloseCode::ProtocolError, "invalid heartbeat direction");
        case PacketType::Open:
        case PacketType::Upgrade:
        case PacketType::Noop: return;
    }
}

void SessionImpl::deliver(std::string_view message, bool binary) {
    shard_.tallies().messages_in.add();
    try {
        handler_->on_message(message, binary);
    } catch (const std::exception& error) {
        log::error("defect: exception in a session handler: {}", error.what());
        close(CloseReason::ForcedClose, net::CloseCode::InternalError, "internal error");
    }
}

// Heartbeat (engine.io-protocol, "Heartbeat"): a ping every interval, its pong within the time-out.
void SessionImpl::on_timer() {
    if (state_ != State::Open) return stop_lingering();
    if (awaits_pong_) {
        shard_.tallies().closed_ping_timeout.add();
        return close(CloseReason::PingTimeout, net::CloseCode::GoingAway, "ping timeout");
    }
    awaits_pong_ = true;
    timer_.arm(loop().timers(), shard_.options().ping_timeout);
    send_control(kPing);
}

// Ending

void SessionImpl::on_websocket_closed(const Carrier& carrier, net::CloseCode code, std::string_view reason) {
    if (websocket_.get() != &carrier) {
        upgrade_.reset();
        return;
    }
    websocket_.reset();
    shard_.tallies().sessions_on_websocket.subtract();
    close(reason_of(code, reason), code, "");
}

void SessionImpl::close(CloseReason reason, net::CloseCode code, std::string_view text) {
    if (state_ != State::Open) return;
    state_ = State::Closed;
    reason_ = reason;
    close_code_ = code;
    timer_.cancel();
    latest_.clear();
    shard_.tallies().sessions_open.subtract();
    if (reason == CloseReason::TooSlow) {
        shard_.tallies().closed_too_slow.add();
        log::info("a session of {} was closed: too slow, its queue passed the limit", client_address().to_string());
    }
    if (websocket_) end_websocket(code, text);
    if (polling_) end_polling();
    if (upgrade_ && !(state_ == State::Lingering && upgrade_->probed)) drop_upgrade(code, text);
    if (!std::exchange(settling_, true)) shard_.settle_later(*this);
}

void SessionImpl::end_websocket(net::CloseCode code, std::string_view text) {
    shard_.tallies().sessions_on_websocket.subtract();
    websocket_->socket().close(code, text);
    shard_.retire(std::move(websocket_));
}

void SessionImpl::end_polling() {
    const bool orderly = reason_ == CloseReason::ForcedClose || reason_ == CloseReason::ServerShutdown;
    if (!orderly) polling_->queue.clear();
    if (polling_->waiting) {
        answer_poll(std::move(polling_->waiting), kClose);
    } else if (orderly || reason_ == CloseReason::TooSlow) {
        linger();
    }
}

void SessionImpl::linger() {
    constexpr std::chrono::seconds kLinger{30};
    constexpr std::chrono::seconds kLingerAtShutdown{1};
    state_ = State::Lingering;
    timer_.arm(loop().timers(), shard_.shutting_down() ? kLingerAtShutdown : kLinger);
}

void SessionImpl::stop_lingering() {
    if (state_ != State::Lingering) return;
    state_ = State::Closed;
    timer_.cancel();
    if (upgrade_) drop_upgrade(close_code_, "");
    if (!std::exchange(settling_, true)) shard_.settle_later(*this);
}

void SessionImpl::shut_down() {
    if (state_ == State::Lingering) return linger();
    close(CloseReason::ServerShutdown, net::CloseCode::GoingAway, "server shutting down");
}

// The end of a turn in which the session was closed: nobody is inside of it or of its handler. A session that lingers comes here twice.
void SessionImpl::settle() {
    settling_ = false;
    if (const auto handler = std::move(handler_)) {
        try {
            handler->on_closed(reason_);
        } catch (const std::exception& error) {
            log::error("defect: exception in a session handler: {}", error.what());
        }
    }
    if (state_ == State::Closed) shard_.erase(*this);
}

}  // namespace parley::engineio
