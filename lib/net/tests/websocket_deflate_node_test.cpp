// A WebSocket client that is not ours: `ws` of Node, with its permessage-deflate on.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "http_fixture.hpp"
#include "parley/net/websocket.hpp"

namespace parley::net {
namespace {

class Echo : public WebSocketHandler {
public:
    std::shared_ptr<WebSocket> socket;
    void on_message(std::string_view payload, bool binary) override {
        socket->send(binary ? PreparedMessage::binary(payload) : PreparedMessage::text(payload));
        binary ? socket->send_binary(payload) : socket->send_text(payload);
    }
    void on_close(CloseCode, std::string_view) override { socket.reset(); }
};

struct Output {
    int status;
    std::string text;
};

Output run(const std::string& command) {
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::string text;
    std::array<char, 4096> bytes;
    for (std::size_t count; (count = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) text.append(bytes.data(), count);
    return {WEXITSTATUS(::pclose(pipe)), text};
}

class WebSocketDeflateNodeTest : public HttpTest {
protected:
    void serve_echo() {
        options_.deflate.emplace();
        handler_.on_request = [this](HttpRequest request, Exchange exchange) {
            if (auto refusal = refuse_websocket(request)) return exchange.respond(std::move(*refusal));
            Echo& echo = *echoes_.emplace_back(std::make_unique<Echo>());
            echo.socket = WebSocket::adopt(loop(), exchange.detach(), request.headers.get("Sec-WebSocket-Key"), "", options_, echo,
                                           websocket_extensions(request));
        };
        start();
    }

    WebSocketOptions options_;
    std::vector<std::unique_ptr<Echo>> echoes_;
};

// Every echo comes twice: shared and sent by itself. The client checks what was agreed, every text, and that fewer bytes came than were said.
TEST_F(WebSocketDeflateNodeTest, WhatItSaysComesBack) {
    const std::string client = std::string("node '") + PARLEY_NET_TESTS "/deflate_client.cjs' '" + PARLEY_NODE_MODULES "' ";
    const bool is_missing = run(client).status == 3;
    ASSERT_FALSE(is_missing && std::getenv("CI")) << "node with the package ws is not here";
    if (is_missing) GTEST_SKIP() << "node with the package ws is not here: npm --prefix tests ci";
    serve_echo();
    const Output output = run(client + std::to_string(port_));
    EXPECT_EQ(output.status, 0) << output.text;
    EXPECT_EQ(output.text, "ok\n");
}

}  // namespace
}  // namespace parley::net
