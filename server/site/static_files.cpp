#include "site/static_files.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "parley/base/log.hpp"
#include "site/content_type.hpp"
#include "site/file_body.hpp"
#include "site/pages.hpp"

namespace parley::site {
namespace {

StaticOptions with_absolute_folder(StaticOptions options) {
    std::error_code error;
    if (!options.folder.empty()) options.folder = std::filesystem::absolute(options.folder, error).string();
    return options;
}

Validators validators_of(const Stamp& stamp, Coding coding) {
    const std::string_view mark = coding == Coding::Identity ? "" : coding_name(coding);
    return {fmt::format("\"{:x}-{:x}{}{}\"", stamp.size, stamp.modified_ns, mark.empty() ? "" : "-", mark),
            stamp.modified_ns / 1'000'000'000};
}

bool may_be_coded(const std::string& name) {
    return is_compressible(content_type(name).value_or(""));
}

net::HttpResponse unavailable(const Error& error) {
    log::warn("static files: {}", error.message);
    return error_page(503);
}

}  // namespace

StaticFiles::StaticFiles(StaticOptions options, WorkerPool& pool)
    : options_(with_absolute_folder(std::move(options))), pool_(pool), cache_(std::make_shared<FileCache>(options_.cache_bytes)) {}

net::HttpResponse StaticFiles::respond(const net::RequestHead& head) {
    if (head.method != net::Method::Get && head.method != net::Method::Head) return cannot_page(head);
    const auto path = SitePath::parse(head.path());
    if (!path) return path.error() == PathProblem::Malformed ? error_page(400) : cannot_page(head);
    auto found = options_.folder.empty() ? Result<std::optional<Found>>() : look_for(names_for(*path, head));
    if (!found) return unavailable(found.error());
    if (*found) return answer_with(head, std::move(**found));
    return path->name.empty() ? welcome_page(options_.missing_client) : cannot_page(head);
}

Result<std::optional<StaticFiles::Found>> StaticFiles::look_for(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        auto found = look(name, false);
        if (!found || *found) return found;
    }
    return std::nullopt;
}

// Absent names are remembered where they are few: beside files. Any others would let strangers empty the cache.
Result<std::optional<StaticFiles::Found>> StaticFiles::look(const std::string& name, bool remember_absence) {
    const auto now = options_.now();
    auto cached = cache_->find(name);
    if (cached && now - cached->checked < kTrust) {
        if (!cached->stamp) return std::nullopt;
        return Found{name, *cached->stamp, std::move(cached->bytes), Descriptor()};
    }
    TRY(auto file, open_beneath(options_.folder, name));
    if (!file) {
        cache_->erase(name);
        if (remember_absence) cache_->put(name, {std::nullopt, nullptr, now});
        return std::nullopt;
    }
    if (cached && cached->stamp == file->stamp) {
        cache_->confirm(name, file->stamp, now);
        return Found{name, file->stamp, std::move(cached->bytes), std::move(file->descriptor)};
    }
    if (may_be_coded(name) || remember_absence) cache_->put(name, {file->stamp, nullptr, now});
    return Found{name, file->stamp, nullptr, std::move(file->descriptor)};
}

// The best of what is there; nullopt: the client refuses all of that.
Result<std::optional<StaticFiles::Chosen>> StaticFiles::choose(const net::RequestHead& head, Found original) {
    for (const Coding coding : AcceptedCodings::of(head.headers)) {
        if (coding == Coding::Identity) return Chosen{std::move(original), coding};
        if (!may_be_coded(original.name)) continue;
        TRY(auto coded, look(original.name + std::string(coding_suffix(coding)), true));
        if (!coded || coded->stamp.modified_ns < original.stamp.modified_ns) continue;
        TRY(const bool opened, open(*coded));
        if (opened) return Chosen{std::move(*coded), coding};
    }
    return std::nullopt;
}

// False: it has gone since it was looked at.
Result<bool> StaticFiles::open(Found& found) {
    if (found.bytes || found.file) return true;
    TRY(auto file, open_beneath(options_.folder, found.name));
    if (!file) return false;
    found.stamp = file->stamp;
    found.file = std::move(file->descriptor);
    return true;
}

net::HttpResponse StaticFiles::answer_with(const net::RequestHead& head, Found original) {
    const std::string name = original.name;
    auto chosen = choose(head, std::move(original));
    if (!chosen) return unavailable(chosen.error());
    if (!*chosen) return no_coding_page();
    auto& [found, coding] = **chosen;
    const auto opened = open(found);
    if (!opened) return unavailable(opened.error());
    if (!*opened) return cannot_page(head);
    const Representation file{.name = name,
                              .validators = validators_of(found.stamp, coding),
                              .size = found.stamp.size,
                              .coding = coding,
                              .immutable = has_content_hash(name),
                              .negotiated = may_be_coded(name)};
    return answer(head, file, [&](ByteRange range) { return body_of(std::move(found), range); });
}

net::Body StaticFiles::body_of(Found found, ByteRange range) {
    const std::uint64_t size = found.stamp.size;
    const bool whole = range.count == size;
    if (found.bytes) return whole ? net::Body(std::move(found.bytes)) : found.bytes->substr(range.first, range.count);
    if (size == 0) return std::string();
    if (!whole || size > kMaxCachedFile) return std::make_unique<FileBody>(pool_, std::move(found.file), range);
    // Read at once, and kept for the next one who asks.
    auto keep = [cache = cache_, name = found.name, stamp = found.stamp, checked = options_.now()](const std::string& content) {
        cache->put(name, {stamp, share(content), checked});
    };
    return std::make_unique<FileBody>(pool_, std::move(found.file), range, size, std::move(keep));
}

}  // namespace parley::site
