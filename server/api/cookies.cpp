#include "api/cookies.hpp"

#include <atomic>

#include "parley/base/log.hpp"

namespace parley::api {

std::string login_cookie(std::string_view token, std::chrono::seconds lifetime, bool secure, std::chrono::system_clock::time_point now) {
    const auto expires = std::chrono::floor<std::chrono::seconds>(now) + lifetime;
    std::string text(kLoginCookie);
    text += '=';
    text += token;
    text += "; Max-Age=" + std::to_string(lifetime.count());
    text += "; Path=/; Expires=" + net::http_date(expires.time_since_epoch().count());
    text += "; HttpOnly";
    if (secure) text += "; Secure";
    text += "; SameSite=Strict";
    return text;
}

std::optional<std::string> login_token(const net::RequestHead& head) {
    auto token = net::cookie(head.headers, kLoginCookie);
    if (token && token->empty()) return std::nullopt;
    return token;
}

bool decide_secure(const net::RequestHead& head, const net::TrustedProxies& proxies) {
    static std::atomic_flag said_secure;
    static std::atomic_flag said_plain;
    const bool secure = net::is_https(head, proxies);
    if (secure && !said_secure.test_and_set()) log::info("login cookies are marked Secure for requests that come by https");
    if (!secure && !said_plain.test_and_set()) {
        log::info(
            "login cookies are not marked Secure for requests that come by plain http (a proxy that ends TLS must be trusted and send "
            "X-Forwarded-Proto)");
    }
    return secure;
}

}  // namespace parley::api
