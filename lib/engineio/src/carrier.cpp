#include "carrier.hpp"

#include "session_impl.hpp"
#include "shard.hpp"

namespace parley::engineio {

void Carrier::adopt(net::DetachedConnection connection, const WebSocketRequest& request) {
    socket_ =
        net::WebSocket::adopt(shard_.loop(), std::move(connection), request.key, "", shard_.websocket_options(), *this, request.extensions);
}

void Carrier::on_message(std::string_view payload, bool binary) {
    if (session_) session_->on_frame(*this, payload, binary);
}

void Carrier::on_drained() {
    if (session_) session_->on_drained(*this);
}

void Carrier::on_close(net::CloseCode code, std::string_view reason) {
    const auto socket = std::move(socket_);  // either call below destroys this object
    if (session_) {
        session_->on_websocket_closed(*this, code, reason);
    } else {
        shard_.forget(*this);
    }
}

}  // namespace parley::engineio
