// The server's half of the WebSocket opening handshake (RFC 6455 section 4.2.2).
#pragma once

#include <string>
#include <string_view>

namespace parley::net {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

// "HTTP/1.1 101 Switching Protocols" and its fields. `extra_headers`: whole lines, each ending in CRLF.
std::string switching_protocols(std::string_view key, std::string_view extra_headers);

}  // namespace parley::net
