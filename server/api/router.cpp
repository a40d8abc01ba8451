#include "api/router.hpp"

namespace parley::api {

namespace {

constexpr std::string_view kParameter = ":id";

// The text before the next slash; `path` keeps what follows it. nullopt at the end.
std::optional<std::string_view> next_segment(std::string_view& path) {
    if (!path.starts_with('/')) return std::nullopt;
    path.remove_prefix(1);
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(segment.size());
    return segment;
}

// What the parameter stands for, "" if there is none; nullopt: another path.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    std::string_view parameter;
    for (;;) {
        const auto wanted = next_segment(pattern);
        const auto given = next_segment(path);
        if (!wanted || !given) return wanted || given ? std::nullopt : std::optional(parameter);
        if (*wanted == kParameter) {
            if (given->empty()) return std::nullopt;
            parameter = *given;
        } else if (!net::equals_ignoring_case(*wanted, *given)) {
            return std::nullopt;
        }
    }
}

std::optional<dialect::Verb> verb_of(net::Method method) {
    switch (method) {
        case net::Method::Get:
        case net::Method::Head: return dialect::Verb::Get;
        case net::Method::Post: return dialect::Verb::Post;
        case net::Method::Put: return dialect::Verb::Put;
        default: return std::nullopt;
    }
}

std::string_view methods_of(dialect::Verb verb) {
    switch (verb) {
        case dialect::Verb::Get: return "GET, HEAD";
        case dialect::Verb::Post: return "POST";
        case dialect::Verb::Put: return "PUT";
    }
    return "";
}

}  // namespace

std::optional<RouteMatch> Router::find(net::Method method, std::string_view path) const {
    const auto verb = verb_of(method);
    for (const dialect::Route& route : routes_) {
        if (route.verb != verb) continue;
        if (const auto parameter = match(route.pattern, path)) return RouteMatch{&route, net::percent_decode(*parameter)};
    }
    return std::nullopt;
}

std::string Router::allowed(std::string_view path) const {
    std::string methods;
    for (const dialect::Route& route : routes_) {
        if (!match(route.pattern, path)) continue;
        if (!methods.empty()) methods += ", ";
        methods += methods_of(route.verb);
    }
    return methods;
}

bool is_at_or_below(std::string_view path, std::string_view prefix) {
    if (path.size() < prefix.size() || !net::equals_ignoring_case(path.substr(0, prefix.size()), prefix)) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/';
}

}  // namespace parley::api
