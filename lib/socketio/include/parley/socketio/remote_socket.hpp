// RemoteSocket: what is known of a socket that lives on any loop of any server: a copy, made when it was asked for. To act on it, address its id, which
// is a room of its own: io.to(remote.id).emit(...), io.in(remote.id).disconnect_sockets().
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "parley/socketio/value.hpp"

namespace parley::socketio {

struct RemoteHandshake {
    std::vector<std::pair<std::string, std::string>> headers;  // names as sent; empty unless ServerOptions::keep_headers
    std::vector<std::pair<std::string, std::string>> query;
    Value auth;
    std::string address;
    bool secure = false;
    std::chrono::system_clock::time_point issued{};
    std::string url;
};

struct RemoteSocket {
    std::string id;
    RemoteHandshake handshake;
    std::vector<std::string> rooms;
    Value data;
};

}  // namespace parley::socketio
