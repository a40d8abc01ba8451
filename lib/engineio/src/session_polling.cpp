// The polling side of a session: a GET waits for packets, a POST brings some (engine.io-protocol, "HTTP long-polling").
#include "session_impl.hpp"
#include "shard.hpp"
#include "upgrade.hpp"

namespace parley::engineio {
namespace {

constexpr std::string_view kClose = "1";

}  // namespace

void SessionImpl::poll(Reply reply) {
    if (state_ == State::Closed) return reply.refuse(Refusal::UnknownSession);
    if (state_ == State::Lingering) {
        answer_poll(std::move(reply), kClose);
        return stop_lingering();
    }
    if (websocket_) return reply.refuse(Refusal::BadRequest);
    if (polling_->waiting) {
        reply.refuse(Refusal::BadRequest);
        return close(CloseReason::TransportError, net::CloseCode::PolicyViolation, "second poll");
    }
    if (has_output()) return answer_poll(std::move(reply));
    polling_->waiting = std::move(reply);
}

// A body is processed when it is complete, and in one go: two of them never overlap.
void SessionImpl::receive(std::string_view body, bool octet_stream, Reply reply) {
    if (state_ == State::Closed) return reply.refuse(Refusal::UnknownSession);
    if (state_ == State::Lingering) return reply.accept_packets();
    // A POST that packet `5` has overtaken is still taken while nothing it could be behind of has come.
    if (websocket_ && heard_on_websocket_) return reply.refuse(Refusal::BadRequest);
    if (octet_stream) {  // binary bodies are of version 3
        reply.refuse(Refusal::BadRequest);
        return close(CloseReason::TransportError, net::CloseCode::PolicyViolation, "invalid content");
    }
    PayloadReader reader(body);
    while (state_ == State::Open) {
        const auto packet = reader.next();
        if (!packet) {
            close(CloseReason::ParseError, net::CloseCode::ProtocolError, "parse error");
            break;
        }
        if (!*packet) break;
        on_packet(**packet);
    }
    reply.accept_packets();
}

// What was on its way to that client is lost, so the session is too.
void SessionImpl::poll_aborted() {
    if (state_ != State::Open || !polling_) return;
    close(CloseReason::TransportError, net::CloseCode::GoingAway, "poll aborted");
}

void SessionImpl::enqueue(Outgoing packet) {
    constexpr std::size_t kOverhead = sizeof(Outgoing);  // so that many small packets count for what they take
    const std::size_t limit = shard_.options().max_queued_bytes;
    const std::size_t bytes = packet.packet().size() + kOverhead;
    // A turn that sends much while a poll waits: not the client's fault.
    if (polling_->waiting && polling_->queued_bytes + bytes > limit) answer_poll(std::move(polling_->waiting));
    if (!polling_->queue.empty()) polling_->queued_bytes += bytes;
    if (polling_->queued_bytes > limit) {
        return close(CloseReason::TooSlow, net::CloseCode::PolicyViolation, "too slow");
    }
    polling_->queue.push_back(std::move(packet));
    if (polling_->waiting && !std::exchange(flushing_, true)) shard_.flush_later(*this);
}

// Everything queued, the newest of each channel, and `last_packet`.
void SessionImpl::answer_poll(Reply reply, std::string_view last_packet) {
    std::string payload;
    for (const Outgoing& packet : polling_->queue) append_packet(payload, packet.packet(), packet.binary);
    for (const Latest& latest : latest_) append_packet(payload, latest.packet.packet(), latest.packet.binary);
    if (!last_packet.empty()) append_packet(payload, last_packet, false);
    shard_.tallies().messages_out.add(latest_.size());
    std::vector<Outgoing>().swap(polling_->queue);
    std::vector<Latest>().swap(latest_);
    polling_->queued_bytes = 0;
    reply.send_packets(std::move(payload));
}

}  // namespace parley::engineio
