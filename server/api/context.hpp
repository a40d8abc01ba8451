// Context: what every controller works with. Built once by Api; borrowed by the controllers.
// Caller: who asks, as the guard found out.
#pragma once

#include <string>

#include "api/api.hpp"
#include "auth/rate_limiter.hpp"

namespace parley::api {

struct Context {
    ApiParts parts;
    ApiOptions options;
    auth::RateLimiter limiter;

    const dialect::Dialect& dialect() const { return parts.dialect; }
};

// A request on its way through the API.
struct Call {
    net::HttpRequest request;
    dialect::Route route;
    std::string id;           // what ":id" of the route stands for, percent-decoded
    auth::Identity identity;  // of the caller, on guarded routes
};

}  // namespace parley::api
