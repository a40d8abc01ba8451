#include "reply.hpp"

#include <fmt/core.h>

#include <utility>

namespace parley::engineio {
namespace {

std::string_view message_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::UnknownTransport: return "Transport unknown";
        case Refusal::UnknownSession: return "Session ID unknown";
        case Refusal::BadHandshakeMethod: return "Bad handshake method";
        case Refusal::BadRequest: return "Bad request";
        case Refusal::Forbidden: return "Forbidden";
        case Refusal::UnsupportedVersion: return "Unsupported protocol version";
    }
    return "Bad request";
}

// A JSON string (RFC 8259 section 7).
std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\') quoted += '\\';
        if (static_cast<unsigned char>(character) < 0x20) {
            quoted += fmt::format("\\u{:04x}", character);
        } else {
            quoted += character;
        }
    }
    return quoted += '"';
}

}  // namespace

net::Headers cors_headers(const net::RequestHead& head, const ServerOptions& options) {
    net::Headers headers;
    headers.add("Vary", "Origin");
    if (options.origins.judge(head, options.proxies) != net::OriginVerdict::Allowed) return headers;
    headers.add("Access-Control-Allow-Origin", head.headers.get("Origin"));
    if (options.cors_credentials) headers.add("Access-Control-Allow-Credentials", "true");
    return headers;
}

void Reply::send(unsigned status, std::string_view content_type, std::string body, bool store) {
    net::HttpResponse response;
    response.status = status;
    response.headers = std::move(headers_);
    if (!content_type.empty()) response.headers.add("Content-Type", content_type);
    if (!store) response.headers.add("Cache-Control", "no-store");
    response.body = std::move(body);
    std::exchange(exchange_, {}).respond(std::move(response));
}

void Reply::send_packets(std::string payload) {
    send(200, "text/plain; charset=UTF-8", std::move(payload), false);
}

void Reply::accept_packets() {
    send(200, "text/html", "ok", false);
}

// A preflight is answered to everybody; whether the browser may go on is said by Access-Control-Allow-Origin, present or not.
void Reply::allow_preflight(const net::RequestHead& head) {
    headers_.set("Vary", "Origin, Access-Control-Request-Headers");
    headers_.add("Access-Control-Allow-Methods", "GET,POST");
    const auto requested = head.headers.find("Access-Control-Request-Headers");
    if (requested) headers_.add("Access-Control-Allow-Headers", *requested);
    send(204, "", "", true);
}

void Reply::refuse(Refusal refusal) {
    refuse(refusal == Refusal::Forbidden ? 403 : 400, refusal, message_of(refusal));
}

void Reply::refuse(unsigned status, Refusal refusal, std::string_view message) {
    if (status == 429 || status == 503) headers_.set("Retry-After", "5");
    send(status, "application/json", fmt::format(R"({{"code":{},"message":{}}})", static_cast<unsigned>(refusal), quote(message)), true);
}

void Reply::refuse(net::HttpResponse response) {
    for (std::size_t i = 0; i < headers_.size(); ++i) response.headers.set(headers_[i].name, headers_[i].value);
    std::exchange(exchange_, {}).respond(std::move(response));
}

}  // namespace parley::engineio
