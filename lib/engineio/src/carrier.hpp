// Carrier: ties a WebSocket to the session that it carries, or that it wants to carry. It outlives the session's interest in it: a WebSocket that was
// refused, failed its probe or is being closed belongs to the shard until it has ended.
// Threading: loop-confined.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "parley/net/websocket.hpp"

namespace parley::engineio {

class SessionImpl;
class Shard;

// What is kept of the request for a WebSocket.
struct WebSocketRequest {
    std::string key;         // Sec-WebSocket-Key
    std::string extensions;  // net::websocket_extensions()
    bool base64 = false;     // "b64" in the query: this client's WebSocket carries no bytes (version 3)
};

class Carrier final : public net::WebSocketHandler {
public:
    Carrier(Shard& shard, SessionImpl& session) : shard_(shard), session_(&session) {}

    // Answers the WebSocket handshake; from here on the session gets its messages.
    void adopt(net::DetachedConnection connection, const WebSocketRequest& request);

    net::WebSocket& socket() { return *socket_; }
    // The session does not care any more.
    void release() { session_ = nullptr; }

    void on_message(std::string_view payload, bool binary) override;
    void on_drained() override;
    void on_close(net::CloseCode code, std::string_view reason) override;

private:
    Shard& shard_;
    SessionImpl* session_;
    std::shared_ptr<net::WebSocket> socket_;
};

}  // namespace parley::engineio
