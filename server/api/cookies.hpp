// The cookie that carries a login: its text in Set-Cookie, and its token in a request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "parley/net/http.hpp"
#include "parley/net/origin.hpp"

namespace parley::api {

inline constexpr std::string_view kLoginCookie = "jwt";

// "jwt=<token>; Max-Age=…; Path=/; Expires=…; HttpOnly; Secure; SameSite=Strict". "" with zero is the one that deletes it.
std::string login_cookie(std::string_view token, std::chrono::seconds lifetime, bool secure, std::chrono::system_clock::time_point now);

// The token of a request; nullopt if there is none or it is empty.
std::optional<std::string> login_token(const net::RequestHead& head);

// Whether a cookie in the answer to this request is marked Secure: only if it came by https, since a browser drops it otherwise. Logs each decision once.
bool decide_secure(const net::RequestHead& head, const net::TrustedProxies& proxies);

}  // namespace parley::api
