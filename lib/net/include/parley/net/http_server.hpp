// HttpServer: listens on one port with every loop, reads requests, lets a handler answer them, and hands over connections that upgrade.
//
// A connection lives on the loop that accepted it. Requests of one connection are handled one after the other, in order, so answers are too
// (RFC 9112 section 9.3.2); what a client pipelines meanwhile waits in a bounded buffer (at most kMaxPipelined requests), then in its own socket.
// Refused with 400 and closed, because proxies disagree about them: Content-Length with Transfer-Encoding, two lengths, bare LF, obsolete line
// folding, a space before the colon, HTTP/1.1 without exactly one Host (RFC 9112 sections 2.2, 5.1, 5.2, 6.3; RFC 9110 section 7.2).
// Threading: constructor, listen, stop_accepting and drain from one controlling thread; handlers are called on loops.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "parley/async/loop.hpp"
#include "parley/base/result.hpp"
#include "parley/net/http.hpp"

namespace parley::net {

inline constexpr std::size_t kMaxPipelined = 16;

struct HttpLimits {
    std::size_t max_header_bytes = 16 * 1024;              // request line and fields; beyond it 431
    std::chrono::milliseconds header_timeout{10'000};      // from the first byte of a request to the end of its head; 408
    std::chrono::milliseconds body_timeout{30'000};        // from the end of the head to the end of the body; 408
    std::chrono::milliseconds keep_alive_timeout{65'000};  // idle between requests; closed silently
    std::chrono::milliseconds write_timeout{30'000};       // without any progress while an answer waits to be written; closed
    std::size_t max_connections =
        0;  // of the whole server; beyond it 503 and close. 0: the descriptor limit less 512 (at least half of it)
};

// One accepted connection taken out of HTTP, a plain value that may be posted to another loop. Closes the descriptor if nobody adopts it.
struct DetachedConnection {
    DetachedConnection() = default;
    DetachedConnection(DetachedConnection&& other) noexcept;
    DetachedConnection& operator=(DetachedConnection&& other) noexcept;
    ~DetachedConnection();
    int release();  // the descriptor becomes the caller's

    int fd = -1;         // non-blocking
    std::string unread;  // bytes that came after the request's head
    Address peer;
    std::shared_ptr<void> slot;  // keeps the connection counted against max_connections; hold it as long as the descriptor
};

// Exchange: the right, and the duty, to answer one request. A move-only value naming (loop, slot, generation), never a pointer: it may be kept,
// posted to another loop and used from any thread; when its connection has gone it does nothing. Destroyed unanswered it answers 500.
class Exchange {
public:
    Exchange() = default;
    Exchange(std::uint16_t loop, std::uint32_t slot, std::uint32_t generation, class ConnectionTable* table);
    Exchange(Exchange&& other) noexcept;
    Exchange& operator=(Exchange&& other) noexcept;
    ~Exchange();

    explicit operator bool() const { return table_ != nullptr; }

    // Any thread. Ends the exchange. For HEAD the body is measured and left out. Bodies to 204 and 304 are dropped.
    void respond(HttpResponse response);

    // The connection's loop only, before respond(). `function` runs on that loop if the client goes away before the answer.
    void on_abort(std::function<void()> function);

    // The connection's loop only. Ends the exchange without an answer: what happens on the connection is the caller's from here on.
    DetachedConnection detach();

private:
    std::uint16_t loop_ = 0;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
    class ConnectionTable* table_ = nullptr;
};

class HttpHandler {
public:
    virtual ~HttpHandler() = default;

    // The largest body for this request, in bytes, asked before any of the body is read. A longer one is answered through error(413) and the
    // connection is closed.
    virtual std::size_t max_body_bytes(const RequestHead& head) = 0;

    // On the connection's loop. Must not block.
    virtual void handle(HttpRequest request, Exchange exchange) = 0;

    // The answer for what never becomes a request: 400, 408, 413, 417, 431, 501, 503, 505. `head` is null where the head could not be read.
    virtual HttpResponse error(unsigned status, std::string_view reason, const RequestHead* head) = 0;
};

// Counters of one loop, summed by HttpServer::counters().
struct HttpCounters {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;  // over the cap
    std::uint64_t connections_open = 0;     // upgraded ones included
    std::uint64_t requests = 0;
    std::uint64_t bad_requests = 0;  // answered through error()
};

class HttpServer {
public:
    HttpServer(LoopGroup& loops, HttpHandler& handler, HttpLimits limits = {});
    ~HttpServer();  // precondition: the loops have stopped or never ran

    // Binds `host`:`port` (port 0: any) and starts accepting on every loop. "::" is dual-stack, and falls back to 0.0.0.0 where there is no IPv6.
    // The port is tried without SO_REUSEPORT first, so that a second server gets AlreadyExists "port 5000 is in use". Errors: AlreadyExists,
    // PermissionDenied (a port below 1024), InvalidArgument (host).
    Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

    // Any thread. Closes the listening sockets after accepting what their queues hold.
    void stop_accepting();

    // Any thread. After stop_accepting: every answer says "Connection: close"; idle keep-alive connections close; `done` is called once, on an
    // unspecified loop, when no exchange is open, or after `timeout`.
    void drain(std::chrono::milliseconds timeout, std::function<void()> done);

    HttpCounters counters() const;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace parley::net
