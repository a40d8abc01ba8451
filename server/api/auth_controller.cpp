#include "api/auth_controller.hpp"

#include <openssl/evp.h>

#include <array>

#include "api/cookies.hpp"
#include "api/guard.hpp"
#include "api/request_body.hpp"
#include "api/responses.hpp"
#include "chat/username.hpp"
#include "parley/base/encoding.hpp"
#include "parley/base/log.hpp"

namespace parley::api {

namespace {

// What failures are counted under when a name means nobody: of fixed length, however long the name.
std::string key_of_nobody(std::string_view username) {
    const std::string key = chat::username_key(username);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return "?" + hex_encode({reinterpret_cast<const char*>(digest.data()), 16});
}

}  // namespace

Task<net::HttpResponse> AuthController::sign_up(Call call) {
    const auto& dialect = context_.dialect();
    const auto area = call.route.area;
    const std::string address = client_key(context_, call.request);
    if (const auto wait = context_.limiter.admit_auth_call(address)) co_return too_many_requests(dialect, area, *wait);
    const auto fields = read_fields(call.request, std::move(call.request.body), context_.options.max_body_bytes);
    if (!fields) co_return error_response(dialect, area, fields.error().status, fields.error().text);
    auto form = dialect.read_sign_up(*fields);
    if (!form) co_return error_response(dialect, area, form.error());
    if (const auto wait = context_.limiter.admit_sign_up(address)) co_return too_many_requests(dialect, area, *wait);
    auto user = co_await context_.parts.accounts.sign_up(std::move(*form));
    if (!user) co_return error_response(dialect, area, user.error());
    co_return co_await welcome(201, std::move(*user), address, std::move(call));
}

Task<net::HttpResponse> AuthController::log_in(Call call) {
    const auto& dialect = context_.dialect();
    const auto area = call.route.area;
    const std::string address = client_key(context_, call.request);
    if (const auto wait = context_.limiter.admit_auth_call(address)) co_return too_many_requests(dialect, area, *wait);
    const auto fields = read_fields(call.request, std::move(call.request.body), context_.options.max_body_bytes);
    if (!fields) co_return error_response(dialect, area, fields.error().status, fields.error().text);
    auto form = dialect.read_log_in(*fields);
    if (!form) co_return error_response(dialect, area, form.error());
    auto user = co_await check_password(std::move(*form), address, area);
    if (!user) co_return std::move(user).error();
    co_return co_await welcome(200, std::move(*user), address, std::move(call));
}

// The password check within its limits. Whatever is not a wrong name or password does not count as a failure.
Task<AuthController::Checked> AuthController::check_password(dialect::LogIn form, std::string address, dialect::Area area) {
    const auto& dialect = context_.dialect();
    auto& limiter = context_.limiter;
    std::string account;
    if (limiter.enabled()) {
        const auto owner = co_await context_.parts.accounts.find_by_name(form.name);
        if (!owner) co_return std::unexpected(error_response(dialect, area, owner.error()));
        account = *owner ? (*owner)->id.to_hex() : key_of_nobody(form.name);
        bool known = false;
        if (*owner && limiter.is_exhausted(account)) {
            const auto knows = co_await context_.parts.sessions.knows_address((*owner)->id, address);
            known = knows.value_or(false);
        }
        if (const auto wait = limiter.begin_log_in(account, address, known))
            co_return std::unexpected(too_many_requests(dialect, area, *wait));
    }
    auto user = co_await context_.parts.accounts.sign_in(std::move(form.name), std::move(form.password));
    if (user || user.error().code != ErrorCode::Unauthenticated) limiter.forgive(account, address);
    if (user) co_return std::move(*user);
    if (user.error().code != ErrorCode::Unauthenticated) co_return std::unexpected(error_response(dialect, area, user.error()));
    co_return std::unexpected(error_response(dialect, area, 400, dialect.text(dialect::Text::InvalidCredentials)));
}

// The answer to somebody who is in now, with the cookie of a new login.
Task<net::HttpResponse> AuthController::welcome(unsigned status, chat::User user, std::string address, Call call) {
    const auto remembered = co_await context_.parts.sessions.remember_address(user.id, std::move(address));
    if (!remembered) log::warn("the address of a log-in was not remembered: {}", remembered.error().message);
    const auth::IssuedToken issued = context_.parts.authenticator.issue(user.id);
    const bool secure = decide_secure(call.request, context_.options.proxies);
    auto response = json_response(status, context_.dialect().account_json(user));
    response.headers.add("Set-Cookie",
                         login_cookie(issued.token, context_.options.token_lifetime, secure, std::chrono::system_clock::now()));
    co_return response;
}

Task<net::HttpResponse> AuthController::log_out(Call call) {
    if (auto token = login_token(call.request)) {
        if (auto refusal = co_await end_session(call, std::move(*token))) co_return *std::move(refusal);
    }
    const bool secure = decide_secure(call.request, context_.options.proxies);
    auto response = json_response(200, context_.dialect().logged_out_json());
    response.headers.add("Set-Cookie", login_cookie("", std::chrono::seconds(0), secure, std::chrono::system_clock::now()));
    co_return response;
}

// nullopt: there is no such session, or not any more.
Task<std::optional<net::HttpResponse>> AuthController::end_session(const Call& call, std::string token) {
    const auto& dialect = context_.dialect();
    const auto identity = co_await context_.parts.authenticator.authenticate(std::move(token));
    if (!identity) {
        const ErrorCode code = identity.error().code;
        if (code == ErrorCode::Unauthenticated || code == ErrorCode::NotFound) co_return std::nullopt;
        co_return error_response(dialect, call.route.area, identity.error());
    }
    if (auto refusal = refuse_other_user(context_, call.route.area, call.request, *identity)) co_return refusal;
    const auto revoked = co_await context_.parts.authenticator.revoke(*identity);
    if (!revoked) co_return error_response(dialect, call.route.area, revoked.error());
    context_.options.on_session_ended(*identity);
    co_return std::nullopt;
}

Task<net::HttpResponse> AuthController::me(Call call) {
    const auto& dialect = context_.dialect();
    const auto user = co_await context_.parts.accounts.find(call.identity.user);
    if (!user) co_return error_response(dialect, call.route.area, user.error());
    if (!*user) co_return error_response(dialect, call.route.area, 404, dialect.text(dialect::Text::UserNotFound));
    co_return json_response(200, dialect.account_json(**user));
}

}  // namespace parley::api
