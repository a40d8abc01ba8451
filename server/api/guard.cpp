#include "api/guard.hpp"

#include <algorithm>

#include "api/responses.hpp"
#include "parley/base/log.hpp"

namespace parley::api {

namespace {

using dialect::Text;

constexpr std::size_t kNetworkBytes = 8;  // of /64

bool changes_things(net::Method method) {
    return method != net::Method::Get && method != net::Method::Head && method != net::Method::Options;
}

// The original lets the other two in; there is no status of its to restore.
bool original_fails_on(const Error& error) {
    return error.message != auth::kSessionEnded && error.message != auth::jwt::kOtherAlgorithm;
}

std::unexpected<net::HttpResponse> refuse(const Context& context, dialect::Area area, unsigned status, Text text) {
    return std::unexpected(error_response(context.dialect(), area, status, context.dialect().text(text)));
}

}  // namespace

std::string address_key(const net::IpAddress& address) {
    if (address.is_v4()) return address.to_string();
    net::IpAddress network = address;
    std::fill(network.bytes.begin() + kNetworkBytes, network.bytes.end(), std::uint8_t(0));
    return network.to_string() + "/64";
}

std::string client_key(const Context& context, const net::RequestHead& head) {
    return address_key(net::client_address(head, context.options.proxies));
}

std::optional<net::HttpResponse> refuse_foreign_origin(const Context& context, const net::RequestHead& head) {
    if (!changes_things(head.method)) return std::nullopt;
    const auto verdict = context.options.origins.judge(head, context.options.proxies);
    const bool cross_site = net::equals_ignoring_case(head.headers.get("Sec-Fetch-Site"), "cross-site");
    if (verdict != net::OriginVerdict::Foreign && !cross_site) return std::nullopt;
    if (verdict == net::OriginVerdict::Foreign) {
        log::warn("refused a {} from a page of \"{}\" to host {}; {} would allow that origin", head.method_name, head.headers.get("Origin"),
                  head.headers.get("Host"), context.options.origins_setting);
    } else {
        log::warn("refused a {} to host {}: its browser says Sec-Fetch-Site: cross-site", head.method_name, head.headers.get("Host"));
    }
    return error_response(context.dialect(), dialect::Area::Other, 403, context.dialect().text(Text::ForeignOrigin));
}

Task<std::expected<auth::Identity, net::HttpResponse>> identify(const Context& context, dialect::Area area,
                                                                std::optional<std::string> token) {
    if (!token) co_return refuse(context, area, 401, Text::NoToken);
    auto identity = co_await context.parts.authenticator.authenticate(*token);
    if (identity) {
        context.parts.authenticator.remember(*token, *identity);
        co_return std::move(*identity);
    }
    const Error& error = identity.error();
    if (error.code == ErrorCode::NotFound) co_return refuse(context, area, 404, Text::UserNotFound);
    if (error.code != ErrorCode::Unauthenticated) co_return std::unexpected(error_response(context.dialect(), area, error));
    const bool as_original = context.options.compat_status && original_fails_on(error);
    co_return as_original ? refuse(context, area, 500, Text::GuardFailure) : refuse(context, area, 401, Text::InvalidToken);
}

std::optional<net::HttpResponse> refuse_other_user(const Context& context, dialect::Area area, const net::RequestHead& head,
                                                   const auth::Identity& identity) {
    const std::string_view expected = head.headers.get("X-Expected-User");
    if (expected.empty() || chat::UserId::parse(expected) == identity.user) return std::nullopt;
    return error_response(context.dialect(), area, 412, context.dialect().text(Text::SignedInAsOther));
}

}  // namespace parley::api
