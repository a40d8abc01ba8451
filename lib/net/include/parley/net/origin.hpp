// Who is really asking: trusted proxies, the request's own scheme and host, and whether its Origin may use cookies here.
// Pure functions on a request's head.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parley/net/http.hpp"

namespace parley::net {

// Proxies whose X-Forwarded-* fields are believed.
struct TrustedProxies {
    std::vector<Network> networks;  // default of the server: loopback
    bool contains(const IpAddress& address) const;
};

// The client's address: the peer, or, if that is a trusted proxy, the rightmost entry of X-Forwarded-For that is not a trusted hop. An entry that is
// not an address ends the walk at the hop before it.
IpAddress client_address(const RequestHead& head, const TrustedProxies& proxies);

// "https" by X-Forwarded-Proto from a trusted proxy, else whether the connection itself is TLS (not yet: always false).
bool is_https(const RequestHead& head, const TrustedProxies& proxies);

enum class OriginVerdict : unsigned char {
    None,      // no Origin field: not a browser's cross-origin request
    SameHost,  // Origin's host:port equals Host, or X-Forwarded-Host from a trusted proxy; default ports dropped
    Allowed,   // on the list
    Foreign,   // anything else, "null" included
};

struct OriginPolicy {
    std::vector<std::string> allowed;  // "http://localhost:3000"; "*" allows every origin
    OriginVerdict judge(const RequestHead& head, const TrustedProxies& proxies) const;
};

}  // namespace parley::net
