#include "site/representation.hpp"

#include <fmt/format.h>

#include "site/content_type.hpp"
#include "site/pages.hpp"

namespace parley::site {
namespace {

constexpr std::string_view kIndex = "index.html";

bool is_app_route(const SitePath& path, const net::RequestHead& head) {
    if (!path.has_extension()) return true;
    return !content_type(path.name) && head.headers.get("Accept").contains("text/html");
}

void add_cache_fields(net::Headers& headers, const Representation& file) {
    if (file.coding == Coding::Identity) headers.add("Accept-Ranges", "bytes");
    headers.add("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "public, max-age=0");
    headers.add("ETag", file.validators.etag);
    if (file.validators.modified_seconds) headers.add("Last-Modified", net::http_date(*file.validators.modified_seconds));
    if (file.negotiated) headers.add("Vary", "Accept-Encoding");
    headers.add("X-Content-Type-Options", "nosniff");
}

// RFC 9110 section 14.2: Range means something to GET only.
RangeRequest range_of(const net::RequestHead& head, const Representation& file) {
    if (head.method != net::Method::Get || file.coding != Coding::Identity) return {};
    return requested_range(head.headers, file.size, file.validators);
}

}  // namespace

std::vector<std::string> names_for(const SitePath& path, const net::RequestHead& head) {
    std::vector<std::string> names;
    if (!path.folder) {
        names.push_back(path.name);
    } else if (!path.name.empty()) {
        names.push_back(fmt::format("{}/{}", path.name, kIndex));
    }
    if (is_app_route(path, head)) names.emplace_back(kIndex);
    return names;
}

net::HttpResponse answer(const net::RequestHead& head, const Representation& file, const BodyMaker& body) {
    net::HttpResponse response;
    add_cache_fields(response.headers, file);
    if (is_not_modified(head.headers, file.validators)) {
        response.status = 304;
        return response;
    }
    response.headers.add("Content-Type", content_type(file.name).value_or("application/octet-stream"));
    if (file.coding != Coding::Identity) response.headers.add("Content-Encoding", coding_name(file.coding));
    const RangeRequest wanted = range_of(head, file);
    switch (wanted.kind) {
        case RangeRequest::Kind::Whole: response.body = body({0, file.size}); break;
        case RangeRequest::Kind::Part:
            response.status = 206;
            response.headers.add("Content-Range",
                                 fmt::format("bytes {}-{}/{}", wanted.range.first, wanted.range.first + wanted.range.count - 1, file.size));
            response.body = body(wanted.range);
            break;
        case RangeRequest::Kind::Unsatisfiable:
            response = error_page(416);
            response.headers.add("Content-Range", fmt::format("bytes */{}", file.size));
            break;
    }
    return response;
}

net::HttpResponse no_coding_page() {
    auto response = error_page(406);
    response.headers.add("Vary", "Accept-Encoding");
    return response;
}

}  // namespace parley::site
