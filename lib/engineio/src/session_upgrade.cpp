// A session's upgrade from polling to WebSocket (engine.io-protocol, "Upgrade"): the WebSocket proves itself with `2probe` and `3probe` while polling
// goes on; packet `5` moves the session.
#include <utility>

#include "session_impl.hpp"
#include "shard.hpp"
#include "upgrade.hpp"

namespace parley::engineio {
namespace {

constexpr std::string_view kProbe = "2probe";
constexpr std::string_view kProbeAnswer = "3probe";
constexpr std::string_view kNoop = "6";

// The client sends `5` when its last poll has ended. The first noop waits a moment, so that it comes after `3probe`: before it the client would
// only poll again.
constexpr std::chrono::milliseconds kFirstNoop{10};
constexpr std::chrono::milliseconds kNextNoop{100};

}  // namespace

std::optional<std::uint32_t> SessionImpl::reserve_upgrade() {
    if (state_ != State::Open || !polling_ || upgrade_ || !shard_.options().allow_upgrades) return std::nullopt;
    upgrade_ = std::make_unique<Upgrade>(*this, shard_.next_ticket());
    upgrade_->timeout.arm(loop().timers(), shard_.options().upgrade_timeout);
    return upgrade_->ticket;
}

void SessionImpl::release_upgrade(std::uint32_t ticket) {
    if (upgrade_ && upgrade_->ticket == ticket && !upgrade_->carrier) upgrade_.reset();
}

void SessionImpl::attach_upgrade(std::uint32_t ticket, net::DetachedConnection connection, const WebSocketRequest& request,
                                 std::optional<std::shared_ptr<const void>> identity) {
    if (!upgrade_ || upgrade_->ticket != ticket) return;
    upgrade_->identity = std::move(identity);
    upgrade_->base64 = request.base64;
    upgrade_->carrier = std::make_unique<Carrier>(shard_, *this);
    upgrade_->carrier->adopt(std::move(connection), request);
}

void SessionImpl::on_probe_frame(std::string_view payload, bool binary) {
    if (!binary && payload == kProbe) return on_probe_ping();
    const auto packet = binary ? std::nullopt : decode_packet(payload);
    if (packet && packet->type == PacketType::Upgrade) return complete_upgrade();
    drop_upgrade(net::CloseCode::PolicyViolation, "probe expected");
}

void SessionImpl::on_probe_ping() {
    upgrade_->carrier->socket().send_text(kProbeAnswer);
    upgrade_->probed = true;
    upgrade_->noop.arm(loop().timers(), kFirstNoop);
}

// Ends a poll that waits, so that the client can stop polling.
void SessionImpl::on_noop_timer() {
    if (polling_->waiting) answer_poll(std::move(polling_->waiting), kNoop);
    upgrade_->noop.arm(loop().timers(), kNextNoop);
}

void SessionImpl::on_upgrade_timeout() {
    drop_upgrade(net::CloseCode::PolicyViolation, "upgrade timeout");
}

void SessionImpl::complete_upgrade() {
    const auto upgrade = std::move(upgrade_);
    const auto polling = std::move(polling_);
    if (polling->waiting) answer_with(std::move(polling->waiting), kNoop);
    opening_.base64 = upgrade->base64;
    write_backlog(upgrade->carrier->socket(), *polling);
    if (state_ == State::Lingering) {
        upgrade->carrier->socket().close(close_code_, "");
        shard_.retire(std::move(upgrade->carrier));
        return stop_lingering();
    }
    carry_by(std::move(upgrade->carrier));
    if (upgrade->identity) opening_.identity = std::move(*upgrade->identity);
    shard_.tallies().sessions_moved.add();
    if (latest_ && !std::exchange(flushing_, true)) shard_.flush_later(*this);
    handler_->on_upgraded();
}

void SessionImpl::write_backlog(net::WebSocket& socket, const Polling& polling) {
    for (const Outgoing& packet : polling.queue) {
        if (packet.binary) {
            write_binary(socket, packet.packet(), packet.compress);
        } else if (packet.offset > 0) {
            socket.send({packet.bytes});
        } else {
            socket.send_text(packet.packet(), packet.compress);
        }
    }
}

// The WebSocket is given up; the session goes on polling.
void SessionImpl::drop_upgrade(net::CloseCode code, std::string_view text) {
    const auto upgrade = std::move(upgrade_);
    if (!upgrade->carrier) return;
    upgrade->carrier->socket().close(code, text);
    shard_.retire(std::move(upgrade->carrier));
}

}  // namespace parley::engineio
