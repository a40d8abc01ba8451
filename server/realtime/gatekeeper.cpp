#include "realtime/gatekeeper.hpp"

namespace parley::realtime {
namespace {

// What the original takes for identity: any id in the query. It never expires and no log-out ends it.
std::optional<auth::Identity> claimed_in_query(const net::RequestHead& head) {
    const auto user = chat::UserId::parse(net::query_parameter(head.query(), "userId").value_or(""));
    if (!user) return std::nullopt;
    return auth::Identity{*user, "", chat::Timestamp::max()};
}

}  // namespace

Task<Result<std::optional<auth::Identity>>> Gatekeeper::identify(const engineio::HandshakeRequest* request) {
    using Found = std::optional<auth::Identity>;
    if (options_.legacy_query_auth) {
        if (auto claimed = claimed_in_query(request->head)) co_return Found(std::move(claimed));
    }
    auto token = net::cookie(request->head.headers, "jwt");
    if (!token || token->empty()) co_return Found();
    auto identity = co_await authenticator_.authenticate(std::move(*token));
    if (identity) co_return Found(std::move(*identity));
    if (identity.error().code == ErrorCode::Unavailable) co_return fail(std::move(identity).error());
    co_return Found();
}

Task<engineio::Admission> Gatekeeper::admit(engineio::HandshakeRequest request, std::shared_ptr<const void> current) {
    auto identity = co_await identify(&request);
    if (!identity) co_return engineio::Admission::refuse(503, identity.error().message);

    if (current) {
        const auto* known = static_cast<const Credential*>(current.get());
        if (!*identity) co_return engineio::Admission::allow(std::move(current));
        const auto user = known->identity ? std::optional(known->identity->user) : known->token_user.get();
        if (user && *user != (*identity)->user) co_return engineio::Admission::refuse(400, "The session belongs to another user");
    }
    auto credential = std::make_shared<Credential>();
    if (*identity) {
        credential->identity = std::move(*identity);
    } else {
        auto place = cap_->take(request.address);
        if (!place) co_return engineio::Admission::refuse(429, "Too many anonymous connections from this address");
        credential->place = std::make_unique<AnonymousCap::Place>(std::move(*place));
    }
    co_return engineio::Admission::allow(std::move(credential));
}

}  // namespace parley::realtime
