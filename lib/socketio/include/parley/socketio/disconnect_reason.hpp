// Why a socket was disconnected, in the words of the official server.
#pragma once

#include <cstdint>
#include <string_view>

namespace parley::socketio {

enum class DisconnectReason : std::uint8_t {
    ServerNamespaceDisconnect,  // Socket::disconnect()
    ClientNamespaceDisconnect,  // the client's socket.disconnect()
    ServerShuttingDown,
    PingTimeout,
    TransportClose,
    TransportError,
    ParseError,
    ForcedClose,        // the server closed the transport: too slow, a cap, a policy
    ForcedServerClose,  // the client sent a packet that does not fit its state
};

// "server namespace disconnect", "ping timeout", …
std::string_view to_string(DisconnectReason reason);

}  // namespace parley::socketio
