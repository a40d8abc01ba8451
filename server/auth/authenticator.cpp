#include "auth/authenticator.hpp"

#include <openssl/evp.h>

#include <array>

#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"

namespace parley::auth {

namespace {

constexpr std::size_t kSessionBytes = 16;
constexpr std::size_t kMaxSessionCharacters = 64;

jwt::Seconds now_in_seconds() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return hex_encode({reinterpret_cast<const char*>(digest.data()), length});
}

// A token without an end: revocations of it are kept for ever.
chat::Timestamp far_future() {
    using namespace std::chrono;
    return chat::Timestamp(sys_days(year(9999) / December / 31).time_since_epoch());
}

}  // namespace

Authenticator::Authenticator(std::string secret, chat::Accounts& accounts, chat::SessionStore& sessions, std::chrono::seconds lifetime)
    : secret_(std::move(secret)), lifetime_(lifetime), accounts_(accounts), sessions_(sessions) {}

Result<Identity> Authenticator::read(const std::string& token) const {
    TRY(const jwt::Claims claims, jwt::verify(token, secret_, now_in_seconds()));
    if (claims.user_id.empty()) return fail(ErrorCode::NotFound, "the token names no user");
    const auto user = chat::UserId::parse(claims.user_id);
    if (!user) return fail(ErrorCode::Unauthenticated, "the token's user id is malformed");
    const bool named = !claims.session.empty() && claims.session.size() <= kMaxSessionCharacters;
    const chat::Timestamp expires = claims.expires_at ? chat::Timestamp(claims.expires_at->time_since_epoch()) : far_future();
    return Identity{*user, named ? claims.session : sha256_hex(token), expires};
}

Task<Result<Identity>> Authenticator::authenticate(std::string token) {
    CO_TRY(Identity identity, read(token));
    CO_TRY(const bool revoked, co_await sessions_.is_revoked(identity.session));
    if (revoked) co_return fail(ErrorCode::Unauthenticated, std::string(kSessionEnded));
    CO_TRY(const auto user, co_await accounts_.find(identity.user));
    if (!user) co_return fail(ErrorCode::NotFound, "the user does not exist any more");
    co_return identity;
}

std::optional<Identity> Authenticator::recognise(std::string_view token) {
    auto identity = remembered_.find(token);
    if (!identity || chat::system_now() >= identity->expires_at) return std::nullopt;
    if (sessions_.may_be_revoked(identity->session) || !accounts_.knows(identity->user)) return std::nullopt;
    return identity;
}

void Authenticator::remember(std::string_view token, const Identity& identity) {
    remembered_.update(token, [&identity](Identity& entry) { entry = identity; });
}

IssuedToken Authenticator::issue(chat::UserId user) {
    const jwt::Seconds now = now_in_seconds();
    const jwt::Seconds expires = now + lifetime_;
    const std::string session = base64url_encode(random_bytes(kSessionBytes));
    const jwt::Claims claims{user.to_hex(), session, now, expires};
    return {jwt::sign(claims, secret_), {user, session, chat::Timestamp(expires.time_since_epoch())}};
}

Task<Result<bool>> Authenticator::revoke(Identity identity) {
    co_return co_await sessions_.revoke(std::move(identity.session), identity.expires_at);
}

}  // namespace parley::auth
