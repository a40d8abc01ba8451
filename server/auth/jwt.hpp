// JSON Web Tokens (RFC 7519) signed with HMAC SHA-256 (HS256, RFC 7515, RFC 7518 section 3.2): the only algorithm made and the only one accepted, whatever
// the header claims. Pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::auth::jwt {

using Seconds = std::chrono::sys_seconds;

// Longer tokens are refused unread.
inline constexpr std::size_t kMaxTokenBytes = 4096;

// The message of the error for a token signed with another HMAC algorithm (RFC 7518 section 3.2): the original backend accepts those with its secret.
inline constexpr std::string_view kOtherAlgorithm = "the token's algorithm is not HS256";

struct Claims {
    std::string user_id;  // "userId"; "" if there is none or it is no text
    std::string session;  // "sid"; "" in tokens of the original backend
    Seconds issued_at{};
    std::optional<Seconds> expires_at;

    friend bool operator==(const Claims&, const Claims&) = default;
};

// header.payload.signature; claims in the order userId, iat, exp, sid.
std::string sign(const Claims& claims, std::string_view secret);

// Unauthenticated: not a token, not signed with `secret`, an algorithm other than HS256, expired ("exp" at or before `now`) or not valid yet ("nbf" after
// it). The signature is checked, in constant time, before anything of the token is believed.
Result<Claims> verify(std::string_view token, std::string_view secret, Seconds now);

}  // namespace parley::auth::jwt
