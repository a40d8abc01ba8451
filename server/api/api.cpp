#include "api/api.hpp"

#include "api/auth_controller.hpp"
#include "api/context.hpp"
#include "api/cookies.hpp"
#include "api/guard.hpp"
#include "api/messages_controller.hpp"
#include "api/responses.hpp"
#include "api/router.hpp"
#include "api/users_controller.hpp"
#include "parley/base/log.hpp"

namespace parley::api {

namespace {

using dialect::Action;
using dialect::Area;
using dialect::Text;

constexpr std::string_view kApiRoot = "/api";
constexpr std::string_view kLive = "/health/live";
constexpr std::string_view kReady = "/health/ready";

bool is_guarded(Action action) {
    return action != Action::SignUp && action != Action::LogIn && action != Action::LogOut;
}

// With or without one trailing slash.
bool is_health(std::string_view path, std::string_view which) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return path == which;
}

}  // namespace

struct Api::Implementation {
    Implementation(ApiParts parts, ApiOptions options)
        : context{parts, options, auth::RateLimiter(options.limits)},
          router(parts.dialect.routes()),
          auth(context),
          users(context),
          messages(context) {}

    net::HttpResponse health(const net::RequestHead& head) const;
    net::HttpResponse unserved(const net::RequestHead& head) const;
    Task<net::HttpResponse> answer(net::HttpRequest request);
    Task<net::HttpResponse> guard(Call call);
    Task<net::HttpResponse> perform(Call call);

    Context context;
    Router router;
    AuthController auth;
    UsersController users;
    MessagesController messages;
};

net::HttpResponse Api::Implementation::health(const net::RequestHead& head) const {
    if (head.method != net::Method::Get && head.method != net::Method::Head) return unserved(head);
    if (is_health(head.path(), kLive)) return json_response(200, R"({"status":"live"})");
    return context.options.ready() ? json_response(200, R"({"status":"ready"})") : json_response(503, R"({"status":"not ready"})");
}

// No route for that method, or none at all.
net::HttpResponse Api::Implementation::unserved(const net::RequestHead& head) const {
    const std::string allowed = router.allowed(head.path());
    if (head.method != net::Method::Options || allowed.empty()) {
        return error_response(context.dialect(), Area::Other, 404, context.dialect().text(Text::NotFound));
    }
    net::HttpResponse response;
    response.status = 204;
    response.headers.add("Allow", allowed);
    return response;
}

Task<net::HttpResponse> Api::Implementation::answer(net::HttpRequest request) {
    if (!is_at_or_below(request.path(), kApiRoot)) co_return health(request);
    if (auto refusal = refuse_foreign_origin(context, request)) co_return std::move(*refusal);
    auto match = router.find(request.method, request.path());
    if (!match) co_return unserved(request);
    if (!match->id) co_return error_response(context.dialect(), match->route->area, 400, context.dialect().text(Text::InvalidUserId));
    Call call;
    call.route = *match->route;
    call.id = std::move(*match->id);
    call.address = address_key(net::client_address(request, context.options.proxies));
    call.request = std::move(request);
    co_return co_await guard(std::move(call));
}

Task<net::HttpResponse> Api::Implementation::guard(Call call) {
    if (is_guarded(call.route.action)) {
        auto identity = co_await identify(context, call.route.area, login_token(call.request));
        if (!identity) co_return std::move(identity).error();
        call.identity = std::move(*identity);
    }
    co_return co_await perform(std::move(call));
}

Task<net::HttpResponse> Api::Implementation::perform(Call call) {
    switch (call.route.action) {
        case Action::SignUp: return auth.sign_up(std::move(call));
        case Action::LogIn: return auth.log_in(std::move(call));
        case Action::LogOut: return auth.log_out(std::move(call));
        case Action::Me: return auth.me(std::move(call));
        case Action::ListUsers: return users.list(std::move(call));
        case Action::ReadMessages: return messages.read(std::move(call));
        case Action::SendMessage: break;
    }
    return messages.send(std::move(call));
}

Api::Api(ApiParts parts, ApiOptions options) : implementation_(std::make_unique<Implementation>(parts, std::move(options))) {}
Api::~Api() = default;

bool Api::serves(const net::RequestHead& head) const {
    const std::string_view path = head.path();
    return is_at_or_below(path, kApiRoot) || is_health(path, kLive) || is_health(path, kReady);
}

std::size_t Api::max_body_bytes(const net::RequestHead&) const {
    return implementation_->context.options.max_body_bytes;
}

Task<net::HttpResponse> Api::handle(net::HttpRequest request) {
    try {
        co_return co_await implementation_->answer(std::move(request));
    } catch (const std::exception& defect) {
        log::error("a request failed by a defect: {}", defect.what());
    }
    const auto& dialect = implementation_->context.dialect();
    co_return error_response(dialect, Area::Other, 500, dialect.failure(Area::Other));
}

Task<void> Api::serve(net::HttpRequest request, net::Exchange exchange) {
    exchange.respond(co_await handle(std::move(request)));
}

void Api::handle(net::HttpRequest request, net::Exchange exchange) {
    Loop::current()->spawn(serve(std::move(request), std::move(exchange)));
}

net::HttpResponse Api::error(unsigned status, std::string_view reason) const {
    return error_response(implementation_->context.dialect(), Area::Other, status, reason);
}

}  // namespace parley::api
