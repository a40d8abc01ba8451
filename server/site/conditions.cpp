#include "site/conditions.hpp"

#include <algorithm>
#include <charconv>

namespace parley::site {
namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The weak comparison of RFC 9110 section 8.8.3.2, against every entry of a list.
bool lists_etag(std::string_view list, std::string_view etag) {
    if (trim(list) == "*") return true;
    while (!list.empty()) {
        const std::string_view whole = list.substr(0, list.find(','));
        list.remove_prefix(std::min(whole.size() + 1, list.size()));
        std::string_view entry = trim(whole);
        if (entry.starts_with("W/")) entry.remove_prefix(2);
        if (entry == etag) return true;
    }
    return false;
}

// Section 13.1.5: an entity tag compares strongly, a date must be the very same.
bool range_still_applies(const net::Headers& headers, const Validators& validators) {
    const auto condition = headers.find("If-Range");
    if (!condition) return true;
    const std::string_view text = trim(*condition);
    if (text.ends_with('"')) return text == validators.etag;
    const auto time = net::parse_http_date(text);
    return time && time == validators.modified_seconds;
}

// 1*DIGIT; a number beyond 64 bits is as far away as one can point.
std::optional<std::uint64_t> position(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::uint64_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc{} ? number : ~std::uint64_t{0};
}

RangeRequest part(std::uint64_t first, std::uint64_t last, std::uint64_t size) {
    if (first >= size) return {RangeRequest::Kind::Unsatisfiable, {}};
    return {RangeRequest::Kind::Part, {first, std::min(last, size - 1) - first + 1}};
}

// Section 14.1.2: "0-99", "100-", "-100" (the last hundred).
RangeRequest parse_range(std::string_view text, std::uint64_t size) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    const auto first = position(text.substr(0, dash));
    const auto last = position(text.substr(dash + 1));
    if (dash == 0) {
        if (!last) return {};
        if (*last == 0 || size == 0) return {RangeRequest::Kind::Unsatisfiable, {}};
        return part(size - std::min(*last, size), size - 1, size);
    }
    const bool open_end = dash + 1 == text.size();
    if (!first || (!last && !open_end) || (last && *last < *first)) return {};
    return part(*first, open_end ? size : *last, size);
}

}  // namespace

bool is_not_modified(const net::Headers& headers, const Validators& validators) {
    if (const auto tags = headers.find("If-None-Match")) return lists_etag(*tags, validators.etag);
    const auto since = headers.find("If-Modified-Since");
    const auto time = since ? net::parse_http_date(trim(*since)) : std::nullopt;
    return time && validators.modified_seconds && *validators.modified_seconds <= *time;
}

RangeRequest requested_range(const net::Headers& headers, std::uint64_t size, const Validators& validators) {
    constexpr std::string_view kUnit = "bytes=";
    const std::string_view text = trim(headers.get("Range"));
    if (!net::equals_ignoring_case(text.substr(0, kUnit.size()), kUnit)) return {};
    if (!range_still_applies(headers, validators)) return {};
    return parse_range(trim(text.substr(kUnit.size())), size);
}

}  // namespace parley::site
