// Guard: what stands before the controllers: requests from foreign pages are refused, callers are made known.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "api/context.hpp"

namespace parley::api {

// How limits know an address: IPv6 by its /64, since one customer has at least that many.
std::string address_key(const net::IpAddress& address);
// Of the client that sent this request.
std::string client_key(const Context& context, const net::RequestHead& head);

// The 403 to a changing request that a foreign page made the browser send; nullopt: it may pass.
std::optional<net::HttpResponse> refuse_foreign_origin(const Context& context, const net::RequestHead& head);

// Who holds this token, or the answer to him: 401 (none, not valid, ended), 404 (the user is gone), 503.
Task<std::expected<auth::Identity, net::HttpResponse>> identify(const Context& context, dialect::Area area,
                                                                std::optional<std::string> token);

// The 412 to a request that names somebody else as who it comes from ("X-Expected-User"): a page that shows one account does nothing as another, whose
// cookie the browser has got meanwhile. nullopt: it may pass.
std::optional<net::HttpResponse> refuse_other_user(const Context& context, dialect::Area area, const net::RequestHead& head,
                                                   const auth::Identity& identity);

}  // namespace parley::api
