#include "site/content_type.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace parley::site {
namespace {

using Row = std::pair<std::string_view, std::string_view>;

// Sorted by extension.
constexpr std::array kTypes{
    Row{"aac", "audio/aac"},
    Row{"avif", "image/avif"},
    Row{"bmp", "image/bmp"},
    Row{"css", "text/css; charset=utf-8"},
    Row{"csv", "text/csv; charset=utf-8"},
    Row{"eot", "application/vnd.ms-fontobject"},
    Row{"flac", "audio/flac"},
    Row{"gif", "image/gif"},
    Row{"htm", "text/html; charset=utf-8"},
    Row{"html", "text/html; charset=utf-8"},
    Row{"ico", "image/x-icon"},
    Row{"jpeg", "image/jpeg"},
    Row{"jpg", "image/jpeg"},
    Row{"js", "text/javascript; charset=utf-8"},
    Row{"json", "application/json; charset=utf-8"},
    Row{"m4a", "audio/mp4"},
    Row{"map", "application/json; charset=utf-8"},
    Row{"md", "text/markdown; charset=utf-8"},
    Row{"mjs", "text/javascript; charset=utf-8"},
    Row{"mp3", "audio/mpeg"},
    Row{"mp4", "video/mp4"},
    Row{"oga", "audio/ogg"},
    Row{"ogg", "audio/ogg"},
    Row{"ogv", "video/ogg"},
    Row{"otf", "font/otf"},
    Row{"pdf", "application/pdf"},
    Row{"png", "image/png"},
    Row{"svg", "image/svg+xml"},
    Row{"ttf", "font/ttf"},
    Row{"txt", "text/plain; charset=utf-8"},
    Row{"wasm", "application/wasm"},
    Row{"wav", "audio/wav"},
    Row{"webm", "video/webm"},
    Row{"webmanifest", "application/manifest+json"},
    Row{"webp", "image/webp"},
    Row{"woff", "font/woff"},
    Row{"woff2", "font/woff2"},
    Row{"xml", "application/xml; charset=utf-8"},
    Row{"zip", "application/zip"},
};
static_assert(std::ranges::is_sorted(kTypes, {}, &Row::first));

}  // namespace

std::optional<std::string_view> content_type(std::string_view name) {
    const auto dot = name.find_last_of("./");
    if (dot == std::string_view::npos || name[dot] == '/') return std::nullopt;
    std::string extension(name.substr(dot + 1));
    for (char& c : extension) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto row = std::ranges::lower_bound(kTypes, std::string_view(extension), {}, &Row::first);
    if (row == kTypes.end() || row->first != extension) return std::nullopt;
    return row->second;
}

}  // namespace parley::site
