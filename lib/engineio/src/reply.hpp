// Reply: the answer to one request of the Engine.IO path, on its way: the exchange and the CORS fields that every answer carries, which are known
// when the request arrives. A value, answered on whatever loop it ends up.
#pragma once

#include <string>
#include <string_view>

#include "parley/engineio/server.hpp"
#include "parley/net/http_server.hpp"

namespace parley::engineio {

// "code" of an error answer, as the official server numbers them.
enum class Refusal : unsigned char {
    UnknownTransport = 0,
    UnknownSession = 1,
    BadHandshakeMethod = 2,
    BadRequest = 3,
    Forbidden = 4,
    UnsupportedVersion = 5,
};

// Vary, and for an origin on the list the permission to read the answer (Fetch standard, "CORS protocol").
net::Headers cors_headers(const net::RequestHead& head, const ServerOptions& options);

class Reply {
public:
    Reply() = default;
    Reply(net::Exchange exchange, net::Headers headers) : exchange_(std::move(exchange)), headers_(std::move(headers)) {}

    explicit operator bool() const { return static_cast<bool>(exchange_); }
    net::Exchange& exchange() { return exchange_; }

    // Each ends the reply.
    void send_packets(std::string payload);
    void accept_packets();
    void allow_preflight(const net::RequestHead& head);
    void refuse(Refusal refusal);
    void refuse(unsigned status, Refusal refusal, std::string_view message);
    void refuse(net::HttpResponse response);  // its fields are kept, ours are added

private:
    void send(unsigned status, std::string_view content_type, std::string body, bool store);

    net::Exchange exchange_;
    net::Headers headers_;
};

}  // namespace parley::engineio
