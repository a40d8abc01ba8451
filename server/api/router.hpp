// Router: which of the dialect's routes a path and a method mean. Letter case and one trailing slash do not matter; segments are compared as sent, before
// percent-decoding, as Express does.
// Threading: immutable.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "parley/net/http.hpp"

namespace parley::api {

struct RouteMatch {
    const dialect::Route* route;
    std::optional<std::string> id;  // of ":id", decoded; nullopt: its percent-encoding is broken. "" on routes without one
};

class Router {
public:
    explicit Router(std::span<const dialect::Route> routes) : routes_(routes) {}

    // HEAD is served by the routes of GET.
    std::optional<RouteMatch> find(net::Method method, std::string_view path) const;

    // The methods that the path has routes for, as an Allow field says it ("GET, HEAD"); "" if nobody serves it.
    std::string allowed(std::string_view path) const;

private:
    std::span<const dialect::Route> routes_;
};

// True for `prefix` itself and for what lies below it, in any letter case.
bool is_at_or_below(std::string_view path, std::string_view prefix);

}  // namespace parley::api
