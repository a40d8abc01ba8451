#include "site/web_client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "site/content_type.hpp"
#include "site/pages.hpp"
#include "site/representation.hpp"

namespace parley::site {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; media-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
constexpr std::string_view kUnusedFeatures =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "usb=()";

// The folder in which every name has a hash of its content (web/vite.config.ts).
constexpr std::string_view kHashed = "assets/";

// Also with a 304: a cache takes the fields of the new answer over (RFC 9111 section 3.2), and a new version may bring a new policy for an old page.
void add_page_fields(net::Headers& headers) {
    headers.set("Content-Security-Policy", kPolicy);
    headers.add("Cross-Origin-Opener-Policy", "same-origin");
    headers.add("Permissions-Policy", kUnusedFeatures);
    headers.add("Referrer-Policy", "same-origin");
}

bool is_page(std::string_view name) {
    return content_type(name).value_or("").starts_with("text/html");
}

// A body that refers to memory which is never freed. SharedPart's owner then is an empty text, the same one for all.
net::Body body_of(std::string_view bytes) {
    static const SharedBytes nobody = share({});
    return std::vector<net::SharedPart>{{nobody, bytes}};
}

}  // namespace

net::HttpResponse WebClient::respond(const net::RequestHead& head) {
    if (head.method != net::Method::Get && head.method != net::Method::Head) return cannot_page(head);
    const auto path = SitePath::parse(head.path());
    if (!path) return path.error() == PathProblem::Malformed ? error_page(400) : cannot_page(head);
    for (const std::string& name : names_for(*path, head)) {
        if (const auto file = bundle_.find(name)) return answer_with(head, *file);
    }
    return cannot_page(head);
}

net::HttpResponse WebClient::answer_with(const net::RequestHead& head, const Bundle::File& file) const {
    for (const Coding coding : AcceptedCodings::of(head.headers)) {
        const auto& variant = file.variant[static_cast<std::size_t>(coding)];
        if (!variant) continue;
        const Representation chosen{
            .name = std::string(file.name),
            .validators = {fmt::format("\"{:016x}\"", variant->hash), std::nullopt},
            .size = variant->bytes.size(),
            .coding = coding,
            .immutable = file.name.starts_with(kHashed),
            .negotiated = std::ranges::count_if(file.variant, [](const auto& other) { return other.has_value(); }) > 1};
        auto response = answer(head, chosen, [&](ByteRange range) { return body_of(variant->bytes.substr(range.first, range.count)); });
        if (is_page(file.name)) add_page_fields(response.headers);
        return response;
    }
    return no_coding_page();
}

}  // namespace parley::site
