#include "websocket_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "guarded.hpp"

namespace parley::net {
namespace {

constexpr int kReadsPerTurn = 4;              // of the loop's whole buffer each; then the others have their turn
constexpr std::size_t kMaxPieces = 64;        // of one write
constexpr std::size_t kPongRoomBytes = 4096;  // behind more than this only the latest ping is answered (RFC 6455 section 5.5.3)

}  // namespace

WebSocketConnection::WebSocketConnection(Loop& loop, DetachedConnection connection, const WebSocketOptions& options, DeflateTerms deflate,
                                         WebSocketHandler& handler)
    : handler_(&handler),
      loop_(loop),
      open_ones_(OpenWebSockets::of(loop)),
      stream_(loop, connection.release()),
      reader_(options.max_message_bytes, deflate.window_bits != 0),
      deflate_(deflate),
      max_queued_bytes_(options.max_queued_bytes),
      close_timeout_(options.close_timeout),
      slot_(std::move(connection.slot)) {}

void WebSocketConnection::start(std::string_view handshake, std::string unread) {
    open_ones_.add(self());
    queue_.append(handshake);
    mark_dirty();
    if (unread.empty()) return wait_readable();
    loop_.defer([self = self(), unread = std::move(unread)]() mutable {
        self->take_input(unread);
        if (self->state_ != State::Cut) self->wait_readable();
    });
}

// Reading

void WebSocketConnection::wait_readable() {
    if (!stream_.wait_readable(Stream::call<WebSocketConnection, &WebSocketConnection::on_readable>, this)) on_broken();
}

void WebSocketConnection::on_readable() {
    for (int reads = 0; reads < kReadsPerTurn && state_ != State::Cut; ++reads) {
        const std::span<char> buffer = loop_.read_buffer();
        const IoResult result = stream_.read(buffer);
        if (result.status == IoStatus::WouldBlock) break;
        if (result.status != IoStatus::Done) return on_broken();
        take_input(buffer.first(result.bytes));
        if (result.bytes < buffer.size()) break;
    }
    if (state_ != State::Cut) wait_readable();
}

void WebSocketConnection::take_input(std::span<char> input) {
    while (state_ == State::Open || state_ == State::CloseSent) {
        const FrameEvent event = reader_.next(input);
        if (event.kind == FrameEvent::Kind::NeedMore) return;
        on_event(event);
    }
}

void WebSocketConnection::on_event(const FrameEvent& event) {
    switch (event.kind) {
        case FrameEvent::Kind::NeedMore:
        case FrameEvent::Kind::Pong: return;
        case FrameEvent::Kind::Ping: return on_ping(event.payload);
        case FrameEvent::Kind::Close: return on_peer_close(event.code, event.payload);
        case FrameEvent::Kind::Error: return fail(event.code, event.payload);
        case FrameEvent::Kind::Message: return on_message(event);
    }
}

void WebSocketConnection::on_message(const FrameEvent& event) {
    if (state_ != State::Open) return;
    if (!event.compressed) return call_handler([&](WebSocketHandler& handler) { handler.on_message(event.payload, event.binary); });
    std::string bytes;
    on_event(inflate_message(event, open_ones_.deflate_streams().inflater(), reader_.max_message_bytes(), bytes));
}

void WebSocketConnection::on_ping(std::string_view payload) {
    if (state_ != State::Open) return;
    if (queue_.bytes() > kPongRoomBytes) {
        late_pong_ = std::make_unique<std::string>(payload);
        return;
    }
    queue_small_frame(Opcode::Pong, payload);
    mark_dirty();
}

void WebSocketConnection::on_peer_close(CloseCode code, std::string_view reason) {
    if (state_ == State::Open) return start_closing(State::Finishing, code, reason, encode_close(code, {}));  // section 5.5.1: echo
    state_ = State::Finishing;
    mark_dirty();
}

template <class Call>
void WebSocketConnection::call_handler(Call call) {
    bool returned = false;
    guarded("a WebSocket handler", [&] {
        call(*handler_);
        returned = true;
    });
    if (!returned) fail(CloseCode::InternalError, "internal error");
}

// Writing

SendResult WebSocketConnection::send_message(Opcode opcode, std::string_view payload, bool compress) {
    if (!compress || !deflate_.wants(payload.size()) || state_ != State::Open) return send_frame(opcode, payload);
    auto frame = encode_deflated_frame(opcode, payload, open_ones_.deflate_streams().deflater(deflate_));
    return frame ? send_shared(share(std::move(*frame))) : send_frame(opcode, payload);
}

SendResult WebSocketConnection::send_frame(Opcode opcode, std::string_view payload) {
    const ServerFrameHeader header(opcode, payload.size());
    const std::size_t frame_bytes = header.view().size() + payload.size();
    if (state_ != State::Open || !make_room(frame_bytes)) return SendResult::Dropped;
    if (frame_bytes <= kInlineFrameBytes) {
        queue_small_frame(opcode, payload);
    } else {
        queue_.append_shared(share(encode_frame(opcode, payload)));
    }
    return queued();
}

SendResult WebSocketConnection::send(const PreparedMessage& message) {
    const std::string& plain = *message.frame;
    if (!message.deflated || state_ != State::Open || !deflate_.wants(plain.size() - frame_header_bytes(plain)))
        return send_shared(message.frame);
    const SharedBytes deflated = message.deflated->get(plain, deflate_, open_ones_.deflate_streams());
    return send_shared(deflated ? deflated : message.frame);
}

SendResult WebSocketConnection::send_shared(const SharedBytes& frame) {
    if (state_ != State::Open || !make_room(frame->size())) return SendResult::Dropped;
    if (queue_.empty() || frame->size() > kInlineFrameBytes) {
        queue_.append_shared(frame);
    } else {
        queue_.append(*frame);
    }
    return queued();
}

// False: the connection has just been closed as too slow, or has just been found broken.
bool WebSocketConnection::make_room(std::size_t frame_bytes) {
    if (!queue_.empty() && !fits(frame_bytes) && !blocked_) write_queued();  // a turn that sends much: not the peer's fault
    if (state_ != State::Open) return false;
    if (queue_.empty()) {
        first_frame_left_ = frame_bytes;
    } else if (!fits(frame_bytes)) {
        fail(CloseCode::PolicyViolation, "too slow");
        return false;
    }
    return true;
}

SendResult WebSocketConnection::queued() {
    mark_dirty();
    return blocked() ? SendResult::Buffered : SendResult::Sent;
}

void WebSocketConnection::queue_small_frame(Opcode opcode, std::string_view payload) {
    queue_.append(ServerFrameHeader(opcode, payload.size()).view());
    queue_.append(payload);
}

void WebSocketConnection::mark_dirty() {
    if (dirty_ || blocked_) return;
    dirty_ = true;
    open_ones_.flush_later(*this);
}

std::size_t WebSocketConnection::flush() {
    dirty_ = false;
    if (std::exchange(postponed_, false)) owes_drained_ = true;
    if (state_ == State::Cut || blocked_) return 0;
    const std::size_t queued = queue_.bytes();
    write_queued();
    const std::size_t left = queue_.bytes();
    after_write();
    return queued - left;
}

std::shared_ptr<WebSocketConnection> WebSocketConnection::postpone() {
    postponed_ = true;
    return self();
}

void WebSocketConnection::prefetch_output() const {
    queue_.prefetch_first();
    stream_.prefetch_entry();
}

void WebSocketConnection::on_writable() {
    blocked_ = false;
    write_queued();
    after_write();
}

void WebSocketConnection::write_queued() {
    while (!queue_.empty() && !blocked_) {
        std::array<iovec, kMaxPieces> room;
        const std::span<const iovec> pieces = queue_.gather(room);
        std::size_t offered = 0;
        for (const iovec& piece : pieces) offered += piece.iov_len;
        const IoResult result = stream_.write(pieces);
        if (result.status == IoStatus::Broken) return on_broken();
        queue_.consume(result.bytes);
        first_frame_left_ -= std::min(first_frame_left_, result.bytes);
        if (result.bytes == offered) continue;
        blocked_ = true;
        owes_drained_ = true;
        if (!stream_.wait_writable(Stream::call<WebSocketConnection, &WebSocketConnection::on_writable>, this)) return on_broken();
    }
}

void WebSocketConnection::after_write() {
    if (!queue_.empty() || state_ == State::Cut) return;
    if (state_ == State::Finishing) return cut();  // section 7.1.1: the server closes first
    if (state_ == State::Lingering) return stream_.shutdown_write();
    if (state_ != State::Open) return;
    if (const auto pong = std::exchange(late_pong_, nullptr)) on_ping(*pong);
    if (std::exchange(owes_drained_, false)) call_handler([](WebSocketHandler& handler) { handler.on_drained(); });
}

// Ending

void WebSocketConnection::close(CloseCode code, std::string_view reason) {
    if (state_ == State::Open) start_closing(State::CloseSent, code, reason, encode_close(code, reason));
}

void WebSocketConnection::abort() {
    if (state_ == State::Cut) return;
    if (state_ != State::Lingering) ending_ = std::make_unique<Ending>(CloseCode::Abnormal, "aborted");
    cut();
}

void WebSocketConnection::start_closing(State state, CloseCode code, std::string_view reason, std::string_view close_payload) {
    state_ = state;
    ending_ = std::make_unique<Ending>(code, std::string(reason));
    queue_small_frame(Opcode::Close, close_payload);
    timer_.arm(loop_.timers(), close_timeout_);
    mark_dirty();
}

// Section 7.1.7, "fail the connection". Cutting at once, with input unread, would make TCP take back the close frame on its way: the socket stays
// for a while, without a handler.
void WebSocketConnection::fail(CloseCode code, std::string_view why) {
    if (state_ == State::CloseSent) return cut();
    if (state_ != State::Open) return;
    start_closing(State::Lingering, code, why, encode_close(code, why));
    notify_later();
}

void WebSocketConnection::on_broken() {
    if (state_ == State::Open) ending_ = std::make_unique<Ending>(CloseCode::Abnormal, "connection lost");
    cut();
}

void WebSocketConnection::cut() {
    if (state_ == State::Cut) return;
    state_ = State::Cut;
    stream_.close();
    timer_.cancel();
    queue_.clear();
    slot_.reset();
    notify_later();
    loop_.defer([self = open_ones_.remove(*this)] {});  // whoever called still uses this object
}

void WebSocketConnection::forget_loop() {
    state_ = State::Cut;
    stream_.close();
    timer_.cancel();
}

void WebSocketConnection::notify_later() {
    if (std::exchange(notified_, true)) return;
    loop_.defer([self = self()] {
        WebSocketHandler* handler = std::exchange(self->handler_, nullptr);
        guarded("a WebSocket handler", [&] { handler->on_close(self->ending_->code, self->ending_->reason); });
    });
}

}  // namespace parley::net
