#include "session_impl.hpp"

#include <fmt/core.h>

#include <exception>
#include <utility>

#include "parley/base/log.hpp"
#include "parley/engineio/packet_v3.hpp"
#include "shard.hpp"
#include "upgrade.hpp"

namespace parley::engineio {
namespace {

constexpr std::string_view kClose = "1";
constexpr std::string_view kNoop = "6";

// RFC 6265 section 4.1. The id needs no escapes.
std::string session_cookie(const CookieOptions& options, std::string_view sid) {
    std::string cookie = fmt::format("{}={}", options.name, sid);
    if (options.max_age) cookie += fmt::format("; Max-Age={}", options.max_age->count());
    if (!options.domain.empty()) cookie += "; Domain=" + options.domain;
    if (!options.path.empty()) cookie += "; Path=" + options.path;
    if (options.http_only) cookie += "; HttpOnly";
    if (options.secure) cookie += "; Secure";
    if (!options.same_site.empty()) cookie += "; SameSite=" + options.same_site;
    return cookie;
}

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

SessionImpl::SessionImpl(Shard& shard, std::string id, Opening opening)
    : shard_(shard), protocol_(opening.protocol), id_(std::move(id)), opening_(std::move(opening)) {}

// The handler may look at what its session knows.
SessionImpl::~SessionImpl() {
    websocket_.reset();
    handler_.reset();
}

Loop& SessionImpl::loop() const {
    return shard_.loop();
}

// Opening

void SessionImpl::open_on_polling(Reply reply) {
    const bool upgrades = shard_.options().allow_upgrades && shard_.options().allow_websocket;
    polling_ = std::make_unique<Polling>();
    if (shard_.options().cookie) reply.add_header("Set-Cookie", session_cookie(*shard_.options().cookie, id_));
    answer_with(std::move(reply), open_packet(upgrades));
    start();
}

void SessionImpl::open_on_websocket(net::DetachedConnection connection, const WebSocketRequest& request) {
    auto carrier = std::make_unique<Carrier>(shard_, *this);
    carrier->adopt(std::move(connection), request);
    carry_by(std::move(carrier));
    wire_->send_text(open_packet(false));
    start();
}

void SessionImpl::carry_by(std::unique_ptr<Carrier> carrier) {
    if (carrier) {
        shard_.tallies().sessions_on_websocket.add();
        wire_ = &carrier->socket();
    } else {
        shard_.tallies().sessions_on_websocket.subtract();
        wire_ = nullptr;
    }
    websocket_ = std::move(carrier);
}

std::string SessionImpl::open_packet(bool upgrades) const {
    const ServerOptions& options = shard_.options();
    return encode_open({id_, upgrades, options.ping_interval, options.ping_timeout, options.max_payload});
}

void SessionImpl::start() {
    start_heartbeat();
    try {
        handler_ = shard_.factory()(*this);
    } catch (const std::exception& error) {
        log::error("defect: exception in a session factory: {}", error.what());
        close(CloseReason::ForcedClose, net::CloseCode::InternalError, "internal error");
    }
}

// Receiving

void SessionImpl::on_frame(const Carrier& carrier, std::string_view payload, bool binary) {
    if (websocket_.get() != &carrier) return on_probe_frame(payload, binary);
    heard_on_websocket_ = true;
    if (protocol_ == 3) return on_frame_v3(payload, binary);
    if (binary) return on_packet({PacketType::Message, payload, true});
    const auto packet = decode_packet(payload);
    if (!packet) return close(CloseReason::ParseError, net::CloseCode::ProtocolError, "parse error");
    on_packet(*packet);
}

void SessionImpl::on_frame_v3(std::string_view payload, bool binary) {
    std::string bytes;
    const auto packet = binary ? v3::decode_bytes(payload) : v3::decode_text(payload, bytes);
    if (!packet) return close(CloseReason::ParseError, net::CloseCode::ProtocolError, "parse error");
    on_packet(*packet);
}

void SessionImpl::on_packet(const Packet& packet) {
    on_sign_of_life();
    switch (packet.type) {
        case PacketType::Message: return deliver(packet.data, packet.binary);
        case PacketType::Pong: return on_pong();
        case PacketType::Ping: return on_ping(packet);
        case PacketType::Close: return close(CloseReason::TransportClose, net::CloseCode::Normal, "");
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

// Ending

void SessionImpl::on_websocket_closed(const Carrier& carrier, net::CloseCode code, std::string_view reason) {
    if (websocket_.get() != &carrier) {
        upgrade_.reset();
        return;
    }
    carry_by(nullptr);
    close(reason_of(code, reason), code, "");
}

void SessionImpl::close(CloseReason reason, net::CloseCode code, std::string_view text) {
    if (state_ != State::Open) return;
    state_ = State::Closed;
    reason_ = reason;
    close_code_ = code;
    timer_.cancel();
    latest_.reset();
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
    wire_->close(code, text);
    shard_.retire(std::move(websocket_));
    carry_by(nullptr);
}

void SessionImpl::end_polling() {
    const bool orderly = reason_ == CloseReason::ForcedClose || reason_ == CloseReason::ServerShutdown;
    if (!orderly) polling_->queue.clear();
    // Messages and the end in one payload: the stock client, which hands messages on a little later, would hear of the end first.
    if (reason_ == CloseReason::ForcedClose && polling_->waiting && has_output()) answer_poll(std::move(polling_->waiting));
    if (polling_->waiting) {
        // A client that closed has its poll ended; others are told (engine.io-protocol, "HTTP long-polling").
        answer_poll(std::move(polling_->waiting), reason_ == CloseReason::TransportClose ? kNoop : kClose);
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
