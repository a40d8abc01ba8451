// What a RemoteSocket says of a socket. On the socket's loop.
#pragma once

#include "parley/socketio/remote_socket.hpp"
#include "parley/socketio/socket.hpp"

namespace parley::socketio {

RemoteSocket describe(const Socket& socket);

}  // namespace parley::socketio
