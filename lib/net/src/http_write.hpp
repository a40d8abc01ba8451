// The head of an answer as bytes (RFC 9112 sections 4 and 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parley/net/http.hpp"

namespace parley::net {

// What the connection decides, not the handler.
struct AnswerFraming {
    std::optional<std::uint64_t> length;  // Content-Length
    bool chunked = false;                 // Transfer-Encoding: chunked
    bool close = false;                   // Connection: close
    bool announce_keep_alive = false;     // Connection: keep-alive, which HTTP/1.0 clients wait for
    std::string_view date;
};

// Appends the status line, the fields and the empty line. Left out: fields that are the connection's to add, and (with a line in the log) fields
// whose name or value would break the message apart.
void append_head(std::string& out, unsigned status, const Headers& headers, const AnswerFraming& framing);

// RFC 9110 sections 6.4.1, 15.2, 15.3.5 and 15.4.5: these never have a body.
bool status_has_body(unsigned status);

}  // namespace parley::net
