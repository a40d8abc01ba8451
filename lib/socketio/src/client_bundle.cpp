#include "client_bundle.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace parley::socketio {
namespace {

constexpr std::array<std::string_view, 4> kSources = {"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js",
                                                      "socket.io.msgpack.min.js"};

Result<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return fail(ErrorCode::PermissionDenied, "cannot read " + path.string());
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (stream.bad()) return fail(ErrorCode::PermissionDenied, "cannot read " + path.string());
    return bytes;
}

// Every source begins with a comment: "Socket.IO v4.8.1". Without it, a checksum (FNV-1a) tells one content from another.
std::string version_of(std::string_view source) {
    constexpr std::string_view kBanner = "Socket.IO v";
    const std::size_t banner = source.substr(0, 200).find(kBanner);
    if (banner != source.npos) {
        const std::string_view version = source.substr(banner + kBanner.size());
        return std::string(version.substr(0, version.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.-")));
    }
    std::uint64_t sum = 0xCBF29CE484222325;
    for (const char byte : source) sum = (sum ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
    return fmt::format("{:016x}", sum);
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// RFC 9110 section 13.1.2: a list of tags, compared weakly.
bool lists(std::string_view tags, std::string_view etag) {
    while (!tags.empty()) {
        const std::size_t comma = std::min(tags.find(','), tags.size());
        std::string_view tag = trim(tags.substr(0, comma));
        tags.remove_prefix(std::min(comma + 1, tags.size()));
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag || tag == "*") return true;
    }
    return false;
}

}  // namespace

Result<ClientBundle> ClientBundle::load(const std::filesystem::path& folder, std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    ClientBundle bundle;
    const auto add = [&](const std::string& name, std::string_view type) -> Result<void> {
        std::error_code missing;
        if (!std::filesystem::is_regular_file(folder / name, missing)) return {};
        TRY(std::string bytes, read_file(folder / name));
        if (bundle.etag_.empty()) bundle.etag_ = '"' + version_of(bytes) + '"';
        bundle.files_.emplace(std::string(path) + '/' + name, File{type, share(std::move(bytes))});
        return {};
    };
    for (const std::string_view source : kSources) {
        const std::string name(source);
        if (auto added = add(name, "application/javascript; charset=utf-8"); !added) return fail(std::move(added).error());
        if (bundle.files_.empty()) continue;  // the version is a source's, never a map's
        if (auto added = add(name + ".map", "application/json; charset=utf-8"); !added) return fail(std::move(added).error());
    }
    if (bundle.files_.empty()) return fail(ErrorCode::NotFound, "no client to serve: " + folder.string() + " has no socket.io.js");
    return bundle;
}

std::optional<net::HttpResponse> ClientBundle::serve(const net::RequestHead& head) const {
    if (head.method != net::Method::Get && head.method != net::Method::Head) return std::nullopt;
    const auto file = files_.find(head.path());
    if (file == files_.end()) return std::nullopt;
    net::HttpResponse response;
    response.headers.add("Cache-Control", "public, max-age=0");
    response.headers.add("ETag", etag_);
    if (lists(head.headers.get("If-None-Match"), etag_)) {
        response.status = 304;
        return response;
    }
    response.headers.add("Content-Type", file->second.content_type);
    response.body = file->second.bytes;
    return response;
}

}  // namespace parley::socketio
