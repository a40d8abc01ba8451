#include "reply.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <utility>

namespace parley::engineio {

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

namespace {

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

std::string joined(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace

net::Headers cors_headers(const net::RequestHead& head, const ServerOptions& options) {
    net::Headers headers;
    headers.add("Vary", "Origin");
    if (options.origins.judge(head, options.proxies) != net::OriginVerdict::Allowed) return headers;
    headers.add("Access-Control-Allow-Origin", head.headers.get("Origin"));
    if (options.cors_credentials) headers.add("Access-Control-Allow-Credentials", "true");
    if (!options.cors.exposed_headers.empty()) headers.add("Access-Control-Expose-Headers", joined(options.cors.exposed_headers));
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

void Reply::send_packets(PollBody body, const std::optional<HttpCompression>& compression) {
    const bool wanted = body.compress && compression && coding_ != ContentCoding::Identity;
    if (wanted && body.payload.size() >= compression->threshold_bytes) {
        std::string compressed = compress(body.payload, coding_, compression->level);
        if (!compressed.empty()) {
            headers_.add("Content-Encoding", name_of(coding_));
            body.payload = std::move(compressed);
        }
    }
    send(200, body.octet_stream ? "application/octet-stream" : "text/plain; charset=UTF-8", std::move(body.payload), false);
}

void Reply::accept_packets() {
    send(200, "text/html", "ok", false);
}

// A preflight is answered to everybody; whether the browser may go on is said by Access-Control-Allow-Origin, present or not.
void Reply::allow_preflight(const net::RequestHead& head, const CorsOptions& options) {
    headers_.add("Access-Control-Allow-Methods", joined(options.methods));
    if (!options.allowed_headers.empty()) {
        headers_.add("Access-Control-Allow-Headers", joined(options.allowed_headers));
    } else {
        headers_.set("Vary", "Origin, Access-Control-Request-Headers");
        const auto requested = head.headers.find("Access-Control-Request-Headers");
        if (requested) headers_.add("Access-Control-Allow-Headers", *requested);
    }
    if (options.max_age) headers_.add("Access-Control-Max-Age", std::to_string(options.max_age->count()));
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
