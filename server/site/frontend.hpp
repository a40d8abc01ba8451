// Frontend: what answers a browser's requests that are neither under /api nor a socket's: the built-in client (WebClient) or a folder (StaticFiles).
// Threading: any thread.
#pragma once

#include "parley/net/http.hpp"

namespace parley::site {

class Frontend {
public:
    virtual ~Frontend() = default;

    // Answers anything, whatever its method and path. Does not block on contents.
    virtual net::HttpResponse respond(const net::RequestHead& head) = 0;
};

}  // namespace parley::site
