#include "site/static_files.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "parley/base/log.hpp"
#include "site/conditions.hpp"
#include "site/content_type.hpp"
#include "site/file_body.hpp"
#include "site/pages.hpp"

namespace parley::site {
namespace {

constexpr std::string_view kIndex = "index.html";

StaticOptions with_absolute_folder(StaticOptions options) {
    std::error_code error;
    if (!options.folder.empty()) options.folder = std::filesystem::absolute(options.folder, error).string();
    return options;
}

Validators validators_of(const Stamp& stamp) {
    return {fmt::format("\"{:x}-{:x}\"", stamp.size, stamp.modified_ns), stamp.modified_ns / 1'000'000'000};
}

bool is_app_route(const SitePath& path, const net::RequestHead& head) {
    if (!path.has_extension()) return true;
    return !content_type(path.name) && head.headers.get("Accept").contains("text/html");
}

void add_cache_fields(net::Headers& headers, std::string_view name, const Validators& validators) {
    headers.add("Accept-Ranges", "bytes");
    headers.add("Cache-Control", has_content_hash(name) ? "public, max-age=31536000, immutable" : "public, max-age=0");
    headers.add("ETag", validators.etag);
    headers.add("Last-Modified", net::http_date(validators.modified_seconds));
    headers.add("X-Content-Type-Options", "nosniff");
}

}  // namespace

StaticFiles::StaticFiles(StaticOptions options, WorkerPool& pool)
    : options_(with_absolute_folder(std::move(options))), pool_(pool), cache_(std::make_shared<FileCache>(options_.cache_bytes)) {}

net::HttpResponse StaticFiles::respond(const net::RequestHead& head) {
    if (head.method != net::Method::Get && head.method != net::Method::Head) return cannot_page(head);
    const auto path = SitePath::parse(head.path());
    if (!path) return path.error() == PathProblem::Malformed ? error_page(400) : cannot_page(head);
    auto found = find_for(*path, head);
    if (!found) {
        log::warn("static files: {}", found.error().message);
        return error_page(503);
    }
    if (*found) return answer(head, std::move(**found));
    return path->name.empty() ? welcome_page() : cannot_page(head);
}

Result<std::optional<StaticFiles::Found>> StaticFiles::find_for(const SitePath& path, const net::RequestHead& head) {
    if (options_.folder.empty()) return std::nullopt;
    const std::string own_index = path.name.empty() ? std::string(kIndex) : fmt::format("{}/{}", path.name, kIndex);
    auto found = find(path.folder ? own_index : path.name);
    if (!found || *found || !is_app_route(path, head)) return found;
    return find(std::string(kIndex));
}

Result<std::optional<StaticFiles::Found>> StaticFiles::find(const std::string& name) {
    const auto now = options_.now();
    auto cached = cache_->find(name);
    if (cached && now - cached->checked < kTrust) return Found{name, cached->stamp, std::move(cached->bytes), Descriptor()};
    TRY(auto file, open_beneath(options_.folder, name));
    if (!file) {
        cache_->erase(name);
        return std::nullopt;
    }
    if (cached && cached->stamp == file->stamp) {
        cache_->confirm(name, file->stamp, now);
        return Found{name, cached->stamp, std::move(cached->bytes), Descriptor()};
    }
    return Found{name, file->stamp, nullptr, std::move(file->descriptor)};
}

net::HttpResponse StaticFiles::answer(const net::RequestHead& head, Found found) {
    const Validators validators = validators_of(found.stamp);
    const std::uint64_t size = found.stamp.size;
    net::HttpResponse response;
    add_cache_fields(response.headers, found.name, validators);
    if (is_not_modified(head.headers, validators)) {
        response.status = 304;
        return response;
    }
    response.headers.add("Content-Type", content_type(found.name).value_or("application/octet-stream"));
    // RFC 9110 section 14.2: Range means something to GET only.
    const RangeRequest wanted = head.method == net::Method::Get ? requested_range(head.headers, size, validators) : RangeRequest{};
    switch (wanted.kind) {
        case RangeRequest::Kind::Whole: response.body = whole_body(std::move(found)); break;
        case RangeRequest::Kind::Part:
            response.status = 206;
            response.headers.add("Content-Range",
                                 fmt::format("bytes {}-{}/{}", wanted.range.first, wanted.range.first + wanted.range.count - 1, size));
            response.body = part_body(std::move(found), wanted.range.first, wanted.range.count);
            break;
        case RangeRequest::Kind::Unsatisfiable:
            response = error_page(416);
            response.headers.add("Content-Range", fmt::format("bytes */{}", size));
            break;
    }
    return response;
}

net::Body StaticFiles::whole_body(Found found) {
    if (found.bytes) return std::move(found.bytes);
    const std::uint64_t size = found.stamp.size;
    if (size == 0) return std::string();
    if (size > kMaxCachedFile) return std::make_unique<FileBody>(pool_, std::move(found.file), ByteRange{0, size});
    // Read at once, and kept for the next one who asks.
    auto keep = [cache = cache_, name = found.name, stamp = found.stamp, checked = options_.now()](const std::string& content) {
        cache->put(name, {stamp, share(content), checked});
    };
    return std::make_unique<FileBody>(pool_, std::move(found.file), ByteRange{0, size}, size, std::move(keep));
}

net::Body StaticFiles::part_body(Found found, std::uint64_t first, std::uint64_t count) {
    if (found.bytes) return found.bytes->substr(first, count);
    return std::make_unique<FileBody>(pool_, std::move(found.file), ByteRange{first, count});
}

}  // namespace parley::site
