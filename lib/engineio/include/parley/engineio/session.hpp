// Session: one Engine.IO connection (engine.io-protocol 4, or 3), whatever carries it: polling, WebSocket, or the first and then the second.
// Threading: confined to the loop that its id names. Ownership: engineio::Server owns sessions; a SessionHandler belongs to its session.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "parley/async/loop.hpp"
#include "parley/base/bytes.hpp"
#include "parley/net/websocket.hpp"

namespace parley::engineio {

// Why a session ended.
enum class CloseReason : std::uint8_t {
    TransportClose,  // the client went away
    TransportError,  // it broke the transport's rules (second concurrent poll, bad frame)
    ParseError,      // a packet that is none
    PingTimeout,
    ForcedClose,  // close() was called
    TooSlow,      // its outbound queue passed the limit
    ServerShutdown,
};

// A message encoded once for any number of sessions over either transport: the WebSocket frame of packet `4…`; polling sends a part of it.
struct PreparedPacket : net::PreparedMessage {
    std::uint32_t payload_offset = 0;  // where the packet (type character included, for text) starts in the frame
    bool binary = false;
    bool compress = true;  // where the transport compresses
    static PreparedPacket text(std::string_view message, bool compress = true);
    static PreparedPacket bytes(std::string_view message, bool compress = true);
    std::string_view packet() const { return std::string_view(*frame).substr(payload_offset); }
};

class SessionHandler {
public:
    virtual ~SessionHandler() = default;
    // A `message` packet without its type. The view is valid until the call returns. May send and close.
    virtual void on_message(std::string_view message, bool binary) = 0;
    virtual void on_upgraded() {}
    // Once, last call; the handler is destroyed after it. Always at the end of a turn, never from within a call to the session, whatever closed it:
    // until then the session may be used as before, but sending does nothing. No message comes in between.
    virtual void on_closed(CloseReason reason) = 0;
};

class Session {
public:
    virtual ~Session() = default;

    virtual const std::string& id() const = 0;
    virtual Loop& loop() const = 0;
    virtual const net::IpAddress& client_address() const = 0;
    virtual bool secure() const = 0;
    virtual const std::string& query() const = 0;              // of the request that opened it
    virtual std::chrono::sys_seconds opened_at() const = 0;    // when that was
    virtual const net::RequestHead* request_head() const = 0;  // that request; null without ServerOptions::keep_request_head
    virtual unsigned protocol() const = 0;                     // "EIO" of that request: 4, or 3
    virtual const std::shared_ptr<const void>& identity() const = 0;
    virtual bool on_websocket() const = 0;
    // A message sent now would go to the peer at once: it has taken all of the earlier turns' (WebSocket), or a poll waits that nothing has been
    // queued for. False while an upgrade is between the transports, and once closed.
    virtual bool writable() const = 0;

    // Messages go out in the order of these calls, each once, over whatever transport. A session whose queue passes the limit is closed as TooSlow.
    // `compress`: false keeps this message uncompressed where the transport would compress.
    virtual void send_text(std::string_view message, bool compress = true) = 0;
    virtual void send_binary(std::string_view message, bool compress = true) = 0;
    virtual void send(const PreparedPacket& packet) = 0;
    // Only the newest packet of a `channel` (a small number of the caller's) waits; it goes out when nothing else does, is replaced by a newer one
    // until its writing begins, and does not count against the queue limit.
    virtual void send_latest(std::uint32_t channel, const PreparedPacket& packet) = 0;

    // The one door by which every session ends. Closes the transport after what is queued: WebSocket close frame with `code`, packet `1` on polling
    // (kept for the next poll if none waits). on_closed(reason) follows. Closed already: nothing happens.
    virtual void close(CloseReason reason, net::CloseCode code, std::string_view text) = 0;
};

}  // namespace parley::engineio
