#include "parley/net/origin.hpp"

#include <algorithm>

namespace parley::net {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711".
std::optional<IpAddress> parse_hop(std::string_view text) {
    if (auto ip = IpAddress::parse(text)) return ip;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view host = text.substr(0, colon);
    const bool is_host_and_port = host.find(':') == std::string_view::npos || host.ends_with(']');
    return is_host_and_port ? IpAddress::parse(host) : std::nullopt;
}

// All fields of that name from the last to the first, each from right to left; `visit` returns false to stop.
template <class Visit>
void walk_list_from_right(const Headers& headers, std::string_view name, Visit visit) {
    for (std::size_t i = headers.size(); i-- > 0;) {
        const Headers::Field field = headers[i];
        if (!equals_ignoring_case(field.name, name)) continue;
        std::string_view rest = field.value;
        while (true) {
            const std::size_t comma = rest.rfind(',');
            const std::string_view entry = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
            if (!visit(trim(entry))) return;
            if (comma == std::string_view::npos) break;
            rest = rest.substr(0, comma);
        }
    }
}

// The entry that the nearest proxy wrote.
std::string_view last_entry(const Headers& headers, std::string_view name) {
    std::string_view last;
    const auto take = [&last](std::string_view entry) {
        last = entry;
        return false;
    };
    walk_list_from_right(headers, name, take);
    return last;
}

std::string_view without_default_port(std::string_view host, std::string_view scheme) {
    const std::string_view port = equals_ignoring_case(scheme, "https") ? ":443" : ":80";
    if (host.ends_with(port)) host.remove_suffix(port.size());
    return host;
}

struct Origin {
    std::string_view scheme;
    std::string_view host;  // with its port
};

std::optional<Origin> split_origin(std::string_view text) {
    const std::size_t mark = text.find("://");
    if (mark == std::string_view::npos) return std::nullopt;
    const Origin origin{text.substr(0, mark), text.substr(mark + 3)};
    const bool is_web = equals_ignoring_case(origin.scheme, "http") || equals_ignoring_case(origin.scheme, "https");
    if (!is_web || origin.host.empty() || origin.host.find_first_of("/?#@, ") != std::string_view::npos) return std::nullopt;
    return origin;
}

bool is_same_host(const Origin& origin, std::string_view host) {
    if (host.empty()) return false;
    return equals_ignoring_case(without_default_port(origin.host, origin.scheme), without_default_port(host, origin.scheme));
}

bool is_same_origin(std::string_view a, std::string_view b) {
    const auto x = split_origin(a);
    const auto y = split_origin(b);
    return x && y && equals_ignoring_case(x->scheme, y->scheme) && is_same_host(*x, y->host);
}

}  // namespace

bool TrustedProxies::contains(const IpAddress& address) const {
    return std::any_of(networks.begin(), networks.end(), [&address](const Network& network) { return network.contains(address); });
}

IpAddress client_address(const RequestHead& head, const TrustedProxies& proxies) {
    IpAddress client = head.peer.ip;
    const auto step = [&client, &proxies](std::string_view entry) {
        if (!proxies.contains(client)) return false;
        const auto hop = parse_hop(entry);
        if (hop) client = *hop;
        return hop.has_value();
    };
    walk_list_from_right(head.headers, "X-Forwarded-For", step);
    return client;
}

bool is_https(const RequestHead& head, const TrustedProxies& proxies) {
    return proxies.contains(head.peer.ip) && equals_ignoring_case(last_entry(head.headers, "X-Forwarded-Proto"), "https");
}

OriginVerdict OriginPolicy::judge(const RequestHead& head, const TrustedProxies& proxies) const {
    const auto text = head.headers.find("Origin");
    if (!text) return OriginVerdict::None;
    const auto origin = split_origin(*text);
    if (origin && head.headers.count("Origin") == 1) {
        if (is_same_host(*origin, head.headers.get("Host"))) return OriginVerdict::SameHost;
        const bool by_proxy = proxies.contains(head.peer.ip);
        if (by_proxy && is_same_host(*origin, last_entry(head.headers, "X-Forwarded-Host"))) return OriginVerdict::SameHost;
    }
    const auto matches = [&text](const std::string& entry) { return entry == "*" || is_same_origin(entry, *text); };
    return std::any_of(allowed.begin(), allowed.end(), matches) ? OriginVerdict::Allowed : OriginVerdict::Foreign;
}

}  // namespace parley::net
