// ApiOptions: everything about the REST side that can be set from outside. Values and hooks; wiring fills them in.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "auth/authenticator.hpp"
#include "auth/rate_limiter.hpp"
#include "parley/net/origin.hpp"

namespace parley::api {

struct ApiOptions {
    net::TrustedProxies proxies;  // whose X-Forwarded-* fields are believed
    net::OriginPolicy origins;    // other origins whose pages may change things here
    auth::RateLimits limits;

    std::size_t max_body_bytes = 102'400;                         // of a request, packed and unpacked; over it 413
    std::chrono::seconds token_lifetime = std::chrono::days(15);  // Max-Age of the cookie; the same as the Authenticator's
    bool compat_status = false;                                   // 500 as the original, for bad tokens and malformed ids

    // The list of users is kept ready while it is no longer than this; a longer one is streamed.
    std::size_t directory_cache_bytes = 4 * 1024 * 1024;
    // Whole conversations that were asked for lately are kept ready, so many bytes of them in all.
    std::size_t history_cache_bytes = 8 * 1024 * 1024;
    std::string origins_setting = "--allowed-origins";  // named in the log line of a refused origin

    // Called on the loop of the log-out, after the login has ended durably and before the answer.
    std::function<void(const auth::Identity&)> on_session_ended = [](const auth::Identity&) {};
    // Whether storage can serve, for /health/ready. Any loop; must not block.
    std::function<bool()> ready = [] { return true; };
};

}  // namespace parley::api
