// WebSocket: the server side of one connection (RFC 6455), after the HTTP handshake.
//
// An idle connection owns no buffer: it waits for readiness, reads into its loop's shared buffer and parses frames in place; only an incomplete
// frame is kept. Writes are queued and written once per loop turn, in one system call; small frames are copied, frames over
// kInlineFrameBytes are references to shared bytes.
// Threading: loop-confined. Ownership: shared_ptr; the connection keeps itself alive while it is open.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "parley/async/loop.hpp"
#include "parley/base/bytes.hpp"
#include "parley/net/http_server.hpp"

namespace parley::net {

// RFC 6455 section 7.4.1.
enum class CloseCode : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    UnsupportedData = 1003,
    NoStatus = 1005,   // never on the wire: the peer closed without a code
    Abnormal = 1006,   // never on the wire: the connection broke
    InvalidPayload = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    TryAgainLater = 1013,
};

inline constexpr std::size_t kInlineFrameBytes = 2048;

struct WebSocketOptions {
    std::size_t max_message_bytes = 1'000'000;      // of one message, fragments together; beyond it 1009
    std::size_t max_queued_bytes = 1024 * 1024;     // waiting to be written beyond the first frame; beyond it the connection is closed as too slow
    std::chrono::milliseconds close_timeout{5'000}; // for the peer's close frame, and for a last write, before the socket is cut
};

// A whole text or binary message as one unmasked frame, encoded once for many connections.
struct PreparedMessage {
    SharedBytes frame;  // header and payload
    static PreparedMessage text(std::string_view payload);
    static PreparedMessage binary(std::string_view payload);
};

enum class SendResult : std::uint8_t {
    Sent,      // queued; will be written in this turn
    Buffered,  // queued behind bytes that the peer has not taken yet
    Dropped,   // the connection is closing, or has just been closed as too slow
};

class WebSocketHandler {
public:
    virtual ~WebSocketHandler() = default;
    // A complete message. Text is valid UTF-8. The view is valid until the call returns. May close or send, may not destroy the handler.
    virtual void on_message(std::string_view payload, bool binary) = 0;
    // Every queued byte has gone to the kernel, after send() had returned Buffered.
    virtual void on_drained() {}
    // Once, last call to the handler. `code` is what ended it (the peer's code; ours if we closed it; Abnormal if the connection broke).
    virtual void on_close(CloseCode code, std::string_view reason) = 0;
};

// Why this request cannot become a WebSocket; nullopt when it can (RFC 6455 section 4.2.1: GET, HTTP/1.1, Host, Upgrade, Connection, a key of
// 16 bytes, version 13).
std::optional<HttpResponse> refuse_websocket(const RequestHead& head);

class WebSocket : public std::enable_shared_from_this<WebSocket> {
public:
    // Takes a detached connection on `loop` (the calling thread's), writes "101 Switching Protocols" for `sec_websocket_key` with
    // `extra_headers` (whole lines, each ending in CRLF, or ""), and reads. `handler` must outlive the connection: until on_close.
    static std::shared_ptr<WebSocket> adopt(Loop& loop, DetachedConnection connection, std::string_view sec_websocket_key,
                                            std::string_view extra_headers, const WebSocketOptions& options, WebSocketHandler& handler);
    virtual ~WebSocket() = default;

    virtual SendResult send_text(std::string_view payload) = 0;
    virtual SendResult send_binary(std::string_view payload) = 0;
    virtual SendResult send(const PreparedMessage& message) = 0;

    // Sends a close frame after what is queued, waits for the peer's and cuts the socket; on_close follows. Idempotent.
    virtual void close(CloseCode code, std::string_view reason) = 0;
    // Cuts the socket at once. on_close(Abnormal) follows in a later turn.
    virtual void abort() = 0;

    virtual std::size_t queued_bytes() const = 0;
};

}  // namespace parley::net
