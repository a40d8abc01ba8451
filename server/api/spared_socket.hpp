// The socket that a request names as its own ("X-Socket-Id"): it knows already, and is not told of what the request does.
#pragma once

#include <string>

#include "parley/net/http.hpp"

namespace parley::api {

// "" for none. What cannot be the id of a socket is nobody's.
inline std::string socket_to_spare(const net::RequestHead& head) {
    constexpr std::size_t kMaxBytes = 64;
    const std::string_view id = head.headers.get("X-Socket-Id");
    return id.size() <= kMaxBytes ? std::string(id) : std::string();
}

}  // namespace parley::api
