#include "websocket_handshake.hpp"

#include <gtest/gtest.h>

#include "parley/net/websocket.hpp"

namespace parley::net {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 section 1.3

RequestHead handshake() {
    RequestHead head;
    head.method = Method::Get;
    head.method_name = "GET";
    head.target = "/chat";
    head.headers.add("Host", "localhost:5000");
    head.headers.add("Upgrade", "WebSocket");
    head.headers.add("Connection", "keep-alive, Upgrade");
    head.headers.add("Sec-WebSocket-Key", kKey);
    head.headers.add("Sec-WebSocket-Version", "13");
    return head;
}

TEST(WebSocketHandshake, AcceptKeyIsThatOfTheRfc) {
    EXPECT_EQ(websocket_accept(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, ResponseHasTheExtraHeaders) {
    EXPECT_EQ(switching_protocols(kKey, "Set-Cookie: a=b\r\nVary: Origin\r\n"),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: a=b\r\nVary: Origin\r\n\r\n");
}

TEST(WebSocketHandshake, WhatABrowserSendsIsAccepted) {
    EXPECT_FALSE(refuse_websocket(handshake()));
}

struct Refusal {
    const char* name;
    void (*spoil)(RequestHead& head);
    unsigned status;
};

constexpr Refusal kRefusals[] = {
    {"POST", [](RequestHead& head) { head.method = Method::Post; }, 405},
    {"HTTP/1.0", [](RequestHead& head) { head.version_minor = 0; }, 400},
    {"two hosts", [](RequestHead& head) { head.headers.add("Host", "other"); }, 400},
    {"no upgrade", [](RequestHead& head) { head.headers.set("Upgrade", "h2c"); }, 426},
    {"upgrade not in Connection", [](RequestHead& head) { head.headers.set("Connection", "keep-alive"); }, 426},
    {"key of 15 bytes", [](RequestHead& head) { head.headers.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"); }, 400},
    {"key that is not base64", [](RequestHead& head) { head.headers.set("Sec-WebSocket-Key", "the sample nonce, as text"); }, 400},
    {"two keys", [](RequestHead& head) { head.headers.add("Sec-WebSocket-Key", kKey); }, 400},
    {"malformed extensions", [](RequestHead& head) { head.headers.set("Sec-WebSocket-Extensions", "permessage-deflate;"); }, 400},
    {"version 8", [](RequestHead& head) { head.headers.set("Sec-WebSocket-Version", "8"); }, 426},
};

TEST(WebSocketHandshake, WhatTheRfcDoesNotAllowIsRefused) {
    for (const Refusal& refusal : kRefusals) {
        SCOPED_TRACE(refusal.name);
        RequestHead head = handshake();
        refusal.spoil(head);
        const auto response = refuse_websocket(head);
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, refusal.status);
    }
}

TEST(WebSocketHandshake, AnotherVersionIsToldOurs) {
    RequestHead head = handshake();
    head.headers.set("Sec-WebSocket-Version", "8");
    EXPECT_EQ(refuse_websocket(head)->headers.get("Sec-WebSocket-Version"), "13");  // RFC 6455 section 4.2.2
}

}  // namespace
}  // namespace parley::net
