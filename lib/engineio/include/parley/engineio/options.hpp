// What an Engine.IO server can be told, with the official server's words and defaults where it has them, and what its hooks see and answer. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/async/task.hpp"
#include "parley/net/origin.hpp"
#include "parley/net/websocket.hpp"

namespace parley::engineio {

// What the admit hook sees of the HTTP request that opens or upgrades a session. A value: it may be kept across suspensions.
struct HandshakeRequest {
    net::RequestHead head;
    net::IpAddress address;  // the client's, behind trusted proxies
    bool secure = false;     // came by https
};

// The hook's answer. `identity` is the program's own data about who this is; it stays with the session (Session::identity()).
struct Admission {
    bool allowed = true;
    unsigned status = 403;  // if refused
    std::string message;    // if refused: "message" of the JSON answer
    std::shared_ptr<const void> identity;

    static Admission allow(std::shared_ptr<const void> identity = nullptr);
    static Admission refuse(unsigned status, std::string message);
};

// Of the CORS protocol (Fetch standard) beyond origins and credentials.
struct CorsOptions {
    std::vector<std::string> methods{"GET", "POST"};  // Access-Control-Allow-Methods
    std::vector<std::string> allowed_headers{};       // Access-Control-Allow-Headers; empty: those that the browser asks for
    std::vector<std::string> exposed_headers{};       // Access-Control-Expose-Headers
    std::optional<std::chrono::seconds> max_age{};    // Access-Control-Max-Age: how long a browser remembers the answer
};

// A cookie with the session id, for load balancers that pin a session to a server by it. Sent with the handshake over polling.
struct CookieOptions {
    std::string name = "io";
    std::string path = "/";
    std::string domain{};                           // "": the host asked
    std::optional<std::chrono::seconds> max_age{};  // absent: until the browser ends
    bool http_only = true;
    bool secure = false;
    std::string same_site = "Lax";  // or "Strict", "None", or "" for no such attribute
};

// gzip or deflate for the answers to polls, for clients that accept it. Costs processor time on the loop, and 256 KiB there while it compresses.
struct HttpCompression {
    std::size_t threshold_bytes = 1024;  // shorter answers go out as they are
    int level = 6;                       // 1 (fast) to 9 (small)
};

// A request that did not open or join a session, as the official server's `connection_error` event tells it.
struct ConnectionError {
    const net::RequestHead& head;
    unsigned code;             // 0 transport unknown, 1 session unknown, 2 handshake method, 3 bad request, 4 forbidden, 5 protocol version
    std::string_view message;  // as in the answer
    // In the official server's words. 0: transport. 1: sid. 2: method. 3: name (TRANSPORT_MISMATCH with transport and previousTransport,
    // PROTOCOL_MISMATCH with protocol and previousProtocol, TRANSPORT_HANDSHAKE_ERROR; ours: JSONP_UNSUPPORTED, UPGRADE_REFUSED). 4: message.
    // 5: protocol.
    std::vector<std::pair<std::string, std::string>> context;
};

struct ServerOptions {
    std::string path = "/socket.io/";  // begins with a slash
    // True: served with and without a slash at its end. False: only without.
    bool add_trailing_slash = true;
    std::chrono::milliseconds ping_interval{25'000};
    std::chrono::milliseconds ping_timeout{20'000};     // from the ping to its pong; then the session is closed
    std::chrono::milliseconds upgrade_timeout{10'000};  // from the upgrade request to packet `5`; then that WebSocket is closed
    std::size_t max_payload = 1'000'000;                // bytes of one polling body or one WebSocket message
    std::size_t max_queued_bytes = 1024 * 1024;         // per session, after the first packet; beyond it the session is closed as too slow
    bool allow_polling = true;
    bool allow_websocket = true;
    bool allow_upgrades = true;
    net::OriginPolicy origins{};                             // answered to with CORS fields; others may neither post nor open WebSockets
    std::string origins_setting = "ServerOptions::origins";  // how people name that list: part of the log line about a refused origin
    bool cors_credentials = true;
    CorsOptions cors{};
    net::TrustedProxies proxies{};
    bool allow_eio3 = false;  // sessions of protocol version 3, which socket.io-client 2 speaks. Never by JSONP
    std::optional<CookieOptions> cookie{};
    std::optional<HttpCompression> http_compression{};
    std::optional<net::Deflate> permessage_deflate{};  // of WebSocket messages (RFC 7692)
    std::uint16_t node = 0;                            // part of every session id
    // Keeps the head of the request that opened a session (Session::request_head()): a kilobyte or so for each, for as long as it lives.
    bool keep_request_head = false;

    // Asked before a session opens (`current` null) and before a WebSocket upgrade of an existing one (`current`: its identity). At an upgrade an
    // allowed Admission's identity replaces the session's when the upgrade completes. Runs on the loop that got the request. Absent: all allowed.
    std::function<Task<Admission>(HandshakeRequest request, std::shared_ptr<const void> current)> admit{};
    // Told of requests that were refused for one of the reasons that ConnectionError lists, on the loop that got them, before they are answered.
    // What it is given is valid until it returns.
    std::function<void(const ConnectionError&)> on_connection_error{};
};

}  // namespace parley::engineio
