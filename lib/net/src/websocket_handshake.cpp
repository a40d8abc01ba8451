// SHA-1 as a plain function: through EVP one digest would load 2 MB of OpenSSL's providers into every server.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "websocket_handshake.hpp"

#include <fmt/core.h>
#include <openssl/sha.h>

#include <array>

#include "parley/base/encoding.hpp"
#include "parley/net/websocket.hpp"
#include "websocket_extensions.hpp"

namespace parley::net {
namespace {

HttpResponse refuse(unsigned status, std::string_view why) {
    return HttpResponse::text(status, "text/plain; charset=utf-8", fmt::format("{}\n", why));
}

bool is_valid_key(std::string_view key) {
    const auto nonce = base64_decode(key);
    return nonce && nonce->size() == 16;
}

}  // namespace

std::string websocket_accept(std::string_view key) {
    const std::string text = fmt::format("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
    SHA_CTX state;
    SHA1_Init(&state);
    SHA1_Update(&state, text.data(), text.size());
    SHA1_Final(digest.data(), &state);
    return base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string switching_protocols(std::string_view key, std::string_view extra_headers) {
    return fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n{}\r\n",
        websocket_accept(key), extra_headers);
}

std::optional<HttpResponse> refuse_websocket(const RequestHead& head) {
    const Headers& fields = head.headers;
    if (head.method != Method::Get) {
        auto response = refuse(405, "a WebSocket handshake is a GET request");
        response.headers.add("Allow", "GET");
        return response;
    }
    if (head.version_minor < 1) return refuse(400, "a WebSocket handshake needs HTTP/1.1");
    if (fields.count("Host") != 1) return refuse(400, "one Host field is needed");
    if (!fields.lists("Upgrade", "websocket") || !fields.lists("Connection", "upgrade")) {
        auto response = refuse(426, "this is a WebSocket address");  // RFC 9110 section 15.5.22
        response.headers.add("Upgrade", "websocket");
        return response;
    }
    if (fields.count("Sec-WebSocket-Key") != 1 || !is_valid_key(fields.get("Sec-WebSocket-Key"))) {
        return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64");
    }
    if (fields.count("Sec-WebSocket-Version") != 1 || fields.get("Sec-WebSocket-Version") != "13") {
        auto response = refuse(426, "only WebSocket version 13 is spoken here");  // RFC 6455 section 4.2.2
        response.headers.add("Upgrade", "websocket");
        response.headers.add("Sec-WebSocket-Version", "13");
        return response;
    }
    if (!parse_extensions(websocket_extensions(head))) return refuse(400, "Sec-WebSocket-Extensions is malformed");  // section 9.1
    return std::nullopt;
}

}  // namespace parley::net
