// The polling side of a session: a GET waits for packets, a POST brings some (engine.io-protocol, "HTTP long-polling").
#include <algorithm>
#include <utility>

#include "parley/engineio/packet_v3.hpp"
#include "session_impl.hpp"
#include "shard.hpp"
#include "upgrade.hpp"

namespace parley::engineio {
namespace {

constexpr std::string_view kClose = "1";

// Puts the answer to a poll together.
class PayloadWriter {
public:
    explicit PayloadWriter(PayloadFormat format) : format_(format) { body_.octet_stream = format == PayloadFormat::Version3Bytes; }

    void add(std::string_view packet, bool binary, bool compress) {
        body_.compress |= compress;  // one packet that may be compressed is enough, as with the official server
        switch (format_) {
            case PayloadFormat::Version4: return append_packet(body_.payload, packet, binary);
            case PayloadFormat::Version3Text: return v3::append_to_text(body_.payload, packet, binary);
            case PayloadFormat::Version3Bytes: return v3::append_to_bytes(body_.payload, packet, binary);
        }
    }
    PollBody take() { return std::move(body_); }

private:
    const PayloadFormat format_;
    PollBody body_;
};

}  // namespace

void SessionImpl::poll(Reply reply) {
    close_if_overdue();
    if (state_ == State::Closed) return reply.refuse(Refusal::UnknownSession);
    if (state_ == State::Lingering) {
        if (has_output() && reason_ == CloseReason::ForcedClose) return answer_poll(std::move(reply));  // see end_polling()
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
    close_if_overdue();
    if (state_ == State::Closed) return reply.refuse(Refusal::UnknownSession);
    if (state_ == State::Lingering) return reply.accept_packets();
    if (!takes_posts()) return reply.refuse(Refusal::BadRequest);
    if (octet_stream && protocol_ != 3) {
        reply.refuse(Refusal::BadRequest);
        return close(CloseReason::TransportError, net::CloseCode::PolicyViolation, "invalid content");
    }
    if (protocol_ == 3) {
        receive_all(v3::PayloadReader(body, octet_stream));
    } else {
        receive_all(PayloadReader(body));
    }
    reply.accept_packets();
}

template <class Reader>
void SessionImpl::receive_all(Reader reader) {
    while (state_ == State::Open) {
        const auto packet = reader.next();
        if (!packet) return close(CloseReason::ParseError, net::CloseCode::ProtocolError, "parse error");
        if (!*packet) return;
        on_packet(**packet);
    }
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
    PayloadWriter writer(format());
    for (const Outgoing& packet : polling_->queue) writer.add(packet.packet(), packet.binary, packet.compress);
    for (const Latest& latest : latest()) writer.add(latest.packet.packet(), latest.packet.binary, latest.packet.compress);
    if (!last_packet.empty()) writer.add(last_packet, false, true);
    shard_.tallies().messages_out.add(latest().size());
    std::vector<Outgoing>().swap(polling_->queue);
    latest_.reset();
    polling_->queued_bytes = 0;
    reply.send_packets(writer.take(), shard_.options().http_compression);
}

void SessionImpl::answer_with(Reply reply, std::string_view packet) const {
    PayloadWriter writer(protocol_ == 3 ? PayloadFormat::Version3Text : PayloadFormat::Version4);
    writer.add(packet, false, true);
    reply.send_packets(writer.take(), shard_.options().http_compression);
}

// Bytes only for those who can read them, and only where there are some (engine.io-protocol, version 3, "Payload").
PayloadFormat SessionImpl::format() const {
    if (protocol_ != 3) return PayloadFormat::Version4;
    const bool has_bytes = std::ranges::any_of(polling_->queue, &Outgoing::binary) ||
                           std::ranges::any_of(latest(), [](const Latest& latest) { return latest.packet.binary; });
    return has_bytes && !opening_.base64 ? PayloadFormat::Version3Bytes : PayloadFormat::Version3Text;
}

}  // namespace parley::engineio
