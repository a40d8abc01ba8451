#include "api/api.hpp"

#include <expected>

#include "api/auth_controller.hpp"
#include "api/context.hpp"
#include "api/conversations_controller.hpp"
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
          messages(context),
          conversations(context) {}

    net::HttpResponse health(const net::RequestHead& head) const;
    net::HttpResponse unserved(const net::RequestHead& head) const;
    // What can be told from the head alone: the answer, or what to do.
    std::expected<Call, net::HttpResponse> admit(net::HttpRequest request) const;
    Task<void> serve(Call call, net::Exchange exchange);
    Task<net::HttpResponse> answer(Call call);
    Task<net::HttpResponse> guard_and_perform(Call call);
    Task<net::HttpResponse> perform(Call call);

    Context context;
    Router router;
    AuthController auth;
    UsersController users;
    MessagesController messages;
    ConversationsController conversations;
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

std::expected<Call, net::HttpResponse> Api::Implementation::admit(net::HttpRequest request) const {
    if (!is_at_or_below(request.path(), kApiRoot)) return std::unexpected(health(request));
    if (auto refusal = refuse_foreign_origin(context, request)) return std::unexpected(std::move(*refusal));
    auto match = router.find(request.method, request.path());
    if (!match) return std::unexpected(unserved(request));
    if (!match->id) {
        return std::unexpected(error_response(context.dialect(), match->route->area, 400, context.dialect().text(Text::InvalidUserId)));
    }
    return Call{std::move(request), *match->route, std::move(*match->id), {}};
}

Task<void> Api::Implementation::serve(Call call, net::Exchange exchange) {
    exchange.respond(co_await answer(std::move(call)));
}

Task<net::HttpResponse> Api::Implementation::answer(Call call) {
    try {
        co_return co_await guard_and_perform(std::move(call));
    } catch (const std::exception& defect) {
        log::error("a request failed by a defect: {}", defect.what());
    }
    co_return error_response(context.dialect(), Area::Other, 500, context.dialect().failure(Area::Other));
}

Task<net::HttpResponse> Api::Implementation::guard_and_perform(Call call) {
    if (is_guarded(call.route.action)) {
        auto token = login_token(call.request);
        auto known = token ? context.parts.authenticator.recognise(*token) : std::nullopt;
        if (!known) {
            auto identity = co_await identify(context, call.route.area, std::move(token));
            if (!identity) co_return std::move(identity).error();
            known = std::move(*identity);
        }
        if (auto refusal = refuse_other_user(context, call.route.area, call.request, *known)) co_return *std::move(refusal);
        call.identity = std::move(*known);
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
        case Action::GetUser: return users.get(std::move(call));
        case Action::ListConversations: return conversations.list(std::move(call));
        case Action::MarkRead: return conversations.mark_read(std::move(call));
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
    auto call = implementation_->admit(std::move(request));
    if (!call) co_return std::move(call).error();
    co_return co_await implementation_->answer(std::move(*call));
}

void Api::handle(net::HttpRequest request, net::Exchange exchange) {
    auto call = implementation_->admit(std::move(request));
    if (!call) return exchange.respond(std::move(call).error());
    Loop::current()->spawn(implementation_->serve(std::move(*call), std::move(exchange)));
}

net::HttpResponse Api::error(unsigned status, std::string_view reason) const {
    return error_response(implementation_->context.dialect(), Area::Other, status, reason);
}

}  // namespace parley::api
