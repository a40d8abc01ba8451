// Reply: the answer to one request of the Engine.IO path, on its way: the exchange and the CORS fields that every answer carries, which are known
// when the request arrives. A value, answered on whatever loop it ends up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "content_coding.hpp"
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

std::string_view message_of(Refusal refusal);

// What a poll is answered with.
struct PollBody {
    std::string payload;
    bool octet_stream = false;
    bool compress = false;  // if it is long enough
};

// Vary, and for an origin on the list the permission to read the answer (Fetch standard, "CORS protocol").
net::Headers cors_headers(const net::RequestHead& head, const ServerOptions& options);

class Reply {
public:
    Reply() = default;
    // `coding`: what answers with packets may be compressed with.
    Reply(net::Exchange exchange, net::Headers headers, ContentCoding coding = ContentCoding::Identity)
        : exchange_(std::move(exchange)), headers_(std::move(headers)), coding_(coding) {}

    explicit operator bool() const { return static_cast<bool>(exchange_); }
    net::Exchange& exchange() { return exchange_; }

    void add_header(std::string_view name, std::string_view value) { headers_.add(name, value); }

    // Each ends the reply.
    void send_packets(PollBody body, const std::optional<HttpCompression>& compression);
    void accept_packets();
    void allow_preflight(const net::RequestHead& head, const CorsOptions& options);
    void refuse(Refusal refusal);
    void refuse(unsigned status, Refusal refusal, std::string_view message);
    void refuse(net::HttpResponse response);  // its fields are kept, ours are added

private:
    void send(unsigned status, std::string_view content_type, std::string body, bool store);

    net::Exchange exchange_;
    net::Headers headers_;
    ContentCoding coding_ = ContentCoding::Identity;
};

}  // namespace parley::engineio
