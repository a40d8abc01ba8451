#include "auth/jwt.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "parley/base/encoding.hpp"

namespace parley::auth::jwt {

namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::size_t kMaxDepth = 8;
// 9999-12-31: a date beyond it means "for ever", and still fits every calendar.
constexpr double kLatest = 253402300799.0;

std::unexpected<Error> refuse(const char* why) {
    return fail(ErrorCode::Unauthenticated, why);
}

std::string signature_of(std::string_view signed_part, std::string_view secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(signed_part.data()),
         signed_part.size(), mac.data(), &length);
    return base64url_encode({reinterpret_cast<const char*>(mac.data()), length});
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A JSON object in base64url. Of a repeated key the last counts; behind a right signature only a holder of the secret could repeat one.
std::optional<boost::json::object> decode_object(std::string_view part) {
    const auto json = base64url_decode(part);
    if (!json) return std::nullopt;
    boost::json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(*json, error, {}, options);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string text_of(const boost::json::object& claims, std::string_view name) {
    const auto* value = claims.if_contains({name.data(), name.size()});
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// NumericDate (RFC 7519 section 2): seconds, possibly with a fraction.
struct Date {
    bool valid = true;  // false: there is a value, and it is no number
    std::optional<Seconds> time;
};

Date date_of(const boost::json::object& claims, std::string_view name) {
    const auto* value = claims.if_contains({name.data(), name.size()});
    if (!value) return {};
    boost::json::error_code error;
    const double seconds = value->is_number() ? value->to_number<double>(error) : NAN;
    if (error || std::isnan(seconds)) return {false, std::nullopt};
    const auto whole = static_cast<std::int64_t>(std::clamp(std::floor(seconds), 0.0, kLatest));
    return {true, Seconds(std::chrono::seconds(whole))};
}

// Why the signature does not fit. Nothing depends on it but the words.
std::unexpected<Error> refuse_signature(std::string_view header_part) {
    const auto header = decode_object(header_part);
    const std::string algorithm = header ? text_of(*header, "alg") : "";
    if (algorithm == "HS384" || algorithm == "HS512") return fail(ErrorCode::Unauthenticated, std::string(kOtherAlgorithm));
    return refuse("the token's signature is wrong");
}

Result<Claims> read_claims(const boost::json::object& payload, Seconds now) {
    const Date issued = date_of(payload, "iat");
    const Date expires = date_of(payload, "exp");
    const Date not_before = date_of(payload, "nbf");
    if (!issued.valid || !expires.valid || !not_before.valid) return refuse("the token's dates are malformed");
    if (expires.time && now >= *expires.time) return refuse("the token has expired");            // RFC 7519 section 4.1.4
    if (not_before.time && now < *not_before.time) return refuse("the token is not valid yet");  // RFC 7519 section 4.1.5
    return Claims{text_of(payload, "userId"), text_of(payload, "sid"), issued.time.value_or(Seconds()), expires.time};
}

}  // namespace

std::string sign(const Claims& claims, std::string_view secret) {
    boost::json::object payload;
    payload["userId"] = claims.user_id;
    payload["iat"] = claims.issued_at.time_since_epoch().count();
    if (claims.expires_at) payload["exp"] = claims.expires_at->time_since_epoch().count();
    if (!claims.session.empty()) payload["sid"] = claims.session;
    std::string token = base64url_encode(kHeader) + "." + base64url_encode(boost::json::serialize(payload));
    const std::string signature = signature_of(token, secret);
    return token + "." + signature;
}

Result<Claims> verify(std::string_view token, std::string_view secret, Seconds now) {
    if (token.size() > kMaxTokenBytes) return refuse("the token is too long");
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    if (first == std::string_view::npos || first == second || token.find('.', first + 1) != second)
        return refuse("the token has not three parts");
    const std::string expected = signature_of(token.substr(0, second), secret);
    if (!equal_in_constant_time(token.substr(second + 1), expected)) return refuse_signature(token.substr(0, first));
    const auto header = decode_object(token.substr(0, first));
    if (!header || text_of(*header, "alg") != "HS256") return refuse("the token's header is wrong");
    const auto payload = decode_object(token.substr(first + 1, second - first - 1));
    if (!payload) return refuse("the token's payload is malformed");
    return read_claims(*payload, now);
}

}  // namespace parley::auth::jwt
