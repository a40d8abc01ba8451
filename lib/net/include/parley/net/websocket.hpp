// WebSocket: the server side of one connection (RFC 6455), after the HTTP handshake.
//
// An idle connection owns no buffer: it waits for readiness, reads into its loop's shared buffer and parses frames in place; only an incomplete
// frame is kept. Writes are queued and written once per loop turn, in one system call; small frames are copied side by side, but a prepared one that is
// alone and frames over kInlineFrameBytes are references to shared bytes. When a turn has written 8 MiB, other connections wait for turns that follow.
// Threading: loop-confined. Ownership: shared_ptr; the connection keeps itself alive while it is open.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "parley/async/loop.hpp"
#include "parley/base/bytes.hpp"
#include "parley/net/close_code.hpp"
#include "parley/net/http_server.hpp"

namespace parley::net {

inline constexpr std::size_t kInlineFrameBytes = 2048;

// permessage-deflate (RFC 7692), for clients that offer it. Every message is compressed by itself (no context takeover in either direction): an
// idle connection keeps no compression state, its loop's two streams (about 300 KiB) serve all of them, and what a broadcast was compressed to is
// shared. Small messages hardly shrink: hence the threshold.
struct Deflate {
    std::size_t threshold_bytes = 1024;  // smaller messages go out as they are; at most 16 MiB
    int level = 6;                       // 1 (fast) to 9 (small)
    int max_window_bits = 15;            // 9 to 15: of what we compress; a client may ask for fewer
};

struct WebSocketOptions {
    // Of one message, fragments together; beyond it 1009.
    std::size_t max_message_bytes = 1'000'000;
    // Waiting to be written, beyond the first frame; beyond it the connection is closed as too slow (1008, "too slow").
    std::size_t max_queued_bytes = 1024 * 1024;
    // For the peer's close frame, and for a last write, before the socket is cut.
    std::chrono::milliseconds close_timeout{5'000};
    // Off unless set.
    std::optional<Deflate> deflate;
};

// The compressed frame of a PreparedMessage, made by the first connection that needs it. Any thread.
class DeflatedFrame;

// A whole text or binary message as one unmasked frame, encoded once for many connections.
struct PreparedMessage {
    SharedBytes frame;                  // header and payload, uncompressed
    DeflatedFrame* deflated = nullptr;  // lives as long as any copy of `frame`; nullptr: never to be compressed
    static PreparedMessage text(std::string_view payload, bool compress = true);
    static PreparedMessage binary(std::string_view payload, bool compress = true);
};

enum class SendResult : std::uint8_t {
    Sent,      // queued; will be written in this turn
    Buffered,  // queued behind bytes that the peer has not taken yet, or that wait for a later turn
    Dropped,   // the connection is closing, or has just been closed as too slow
};

class WebSocketHandler {
public:
    virtual ~WebSocketHandler() = default;
    // A complete message. Text is valid UTF-8. The view is valid until the call returns. May close or send, may not destroy the handler.
    virtual void on_message(std::string_view payload, bool binary) = 0;
    // Every queued byte has gone to the kernel, after some had to wait (blocked()).
    virtual void on_drained() {}
    // Once, last call to the handler, never inside a call of the handler's own to the connection; not called when the loop ends before. `code` is what ended it (the peer's code; ours if we closed it; Abnormal if the connection broke).
    virtual void on_close(CloseCode code, std::string_view reason) = 0;
};

// Why this request cannot become a WebSocket; nullopt when it can (RFC 6455 section 4.2.1: GET, HTTP/1.1, Host, Upgrade, Connection, a key of
// 16 bytes, version 13; section 9.1: well-formed extensions).
std::optional<HttpResponse> refuse_websocket(const RequestHead& head);

// What adopt() wants to know of the extensions that the client offers: its Sec-WebSocket-Extensions fields as one (RFC 6455 section 9.1).
std::string websocket_extensions(const RequestHead& head);

class WebSocket : public std::enable_shared_from_this<WebSocket> {
public:
    // Takes a detached connection on `loop` (the calling thread's), writes "101 Switching Protocols" for `sec_websocket_key` with
    // `extra_headers` (whole lines, each ending in CRLF, or ""), and reads. `handler` must outlive the connection: until on_close.
    // `sec_websocket_extensions` (of websocket_extensions()) matters only with options.deflate.
    static std::shared_ptr<WebSocket> adopt(Loop& loop, DetachedConnection connection, std::string_view sec_websocket_key,
                                            std::string_view extra_headers, const WebSocketOptions& options, WebSocketHandler& handler,
                                            std::string_view sec_websocket_extensions = {});
    virtual ~WebSocket() = default;

    // `compress`: false keeps a message uncompressed that would be compressed otherwise.
    virtual SendResult send_text(std::string_view payload, bool compress = true) = 0;
    virtual SendResult send_binary(std::string_view payload, bool compress = true) = 0;
    virtual SendResult send(const PreparedMessage& message) = 0;

    // Sends a close frame after what is queued, waits for the peer's and cuts the socket; on_close follows. Idempotent. Messages that arrive
    // meanwhile are not delivered. Where we fail the connection (protocol error, too slow) on_close comes at once, and the socket gets
    // close_timeout to deliver what is queued without the handler.
    virtual void close(CloseCode code, std::string_view reason) = 0;
    // Cuts the socket at once. on_close(Abnormal) follows in a later turn.
    virtual void abort() = 0;

    virtual std::size_t queued_bytes() const = 0;
    // The peer has not taken all that was offered to it, or other connections are written first: on_drained follows when everything is written.
    virtual bool blocked() const = 0;
};

}  // namespace parley::net
