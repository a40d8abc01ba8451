#include "describe.hpp"

namespace parley::socketio {

RemoteSocket describe(const Socket& socket) {
    RemoteSocket remote;
    remote.id = socket.id();
    remote.rooms = socket.rooms();
    remote.data = socket.data();
    RemoteHandshake& handshake = remote.handshake;
    handshake.query = socket.query();
    handshake.auth = socket.auth();
    handshake.address = socket.client_address().to_string();
    handshake.secure = socket.secure();
    handshake.issued = socket.issued();
    if (const net::RequestHead* request = socket.request()) {
        handshake.url = request->target;
        for (std::size_t i = 0; i < request->headers.size(); ++i) {
            const auto field = request->headers[i];
            handshake.headers.emplace_back(field.name, field.value);
        }
    }
    return remote;
}

}  // namespace parley::socketio
