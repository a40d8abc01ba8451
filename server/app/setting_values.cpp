#include "app/setting_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>

namespace parley::app {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kSpace = " \t\r\n";

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The number in front of a suffix, and the suffix.
std::optional<std::pair<std::uint64_t, std::string_view>> split_suffix(std::string_view text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_number(text.substr(0, digits));
    if (!number) return std::nullopt;
    return std::pair(*number, text.substr(digits));
}

std::optional<std::uint64_t> multiply(std::uint64_t number, std::uint64_t factor, std::uint64_t limit) {
    if (number > limit / factor) return std::nullopt;
    return number * factor;
}

struct DurationUnit {
    std::string_view suffix;
    std::int64_t milliseconds;
};
constexpr std::array<DurationUnit, 5> kDurationUnits{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_origin_host(std::string_view host) {
    if (host.starts_with('[')) return host.ends_with(']') && net::IpAddress::parse(host).has_value();
    return !host.empty() && std::ranges::all_of(host, is_host_character);
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

std::optional<bool> parse_switch(std::string_view text) {
    const std::string word = lower(text);
    if (word == "on" || word == "true" || word == "yes" || word == "1") return true;
    if (word == "off" || word == "false" || word == "no" || word == "0") return false;
    return std::nullopt;
}

std::optional<milliseconds> parse_duration(std::string_view text, milliseconds unit) {
    constexpr std::uint64_t kLimit = 100ULL * 366 * 86'400'000;
    const auto parts = split_suffix(text);
    if (!parts) return std::nullopt;
    std::int64_t factor = parts->second.empty() ? unit.count() : 0;
    for (const DurationUnit& each : kDurationUnits) {
        if (parts->second == each.suffix) factor = each.milliseconds;
    }
    if (factor == 0) return std::nullopt;
    const auto count = multiply(parts->first, static_cast<std::uint64_t>(factor), kLimit);
    if (!count) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(*count));
}

std::string duration_text(milliseconds duration) {
    for (const DurationUnit& each : kDurationUnits) {
        if (duration.count() != 0 && duration.count() % each.milliseconds == 0) {
            return fmt::format("{}{}", duration.count() / each.milliseconds, each.suffix);
        }
    }
    return fmt::format("{}ms", duration.count());
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    const auto parts = split_suffix(text);
    if (!parts) return std::nullopt;
    const std::string suffix = lower(parts->second);
    const std::uint64_t factor = suffix.empty()  ? 1
                                 : suffix == "k" ? 1ULL << 10
                                 : suffix == "m" ? 1ULL << 20
                                 : suffix == "g" ? 1ULL << 30
                                                 : 0;
    if (factor == 0) return std::nullopt;
    return multiply(parts->first, factor, std::numeric_limits<std::uint64_t>::max());
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string_view item = trim(text.substr(0, comma));
        if (!item.empty()) items.emplace_back(item);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return items;
}

std::string join_list(const std::vector<std::string>& items) {
    return fmt::format("{}", fmt::join(items, ","));
}

std::optional<std::string> parse_origin(std::string_view text) {
    if (text == "*") return "*";
    std::string origin = lower(text);
    if (origin.ends_with('/')) origin.pop_back();
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string::npos || scheme_end == 0) return std::nullopt;
    std::string_view host = std::string_view(origin).substr(scheme_end + 3);
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && !host.ends_with(']')) {
        const auto port = parse_number(host.substr(colon + 1));
        if (!port || *port == 0 || *port > 65535) return std::nullopt;
        host = host.substr(0, colon);
    }
    if (!is_origin_host(host)) return std::nullopt;
    return origin;
}

std::string network_text(const net::Network& network) {
    const bool v4 = network.ip.is_v4();
    const unsigned bits = v4 && network.prefix_bits >= 96 ? network.prefix_bits - 96 : network.prefix_bits;
    if (bits == (v4 ? 32U : 128U)) return network.ip.to_string();
    return fmt::format("{}/{}", network.ip.to_string(), bits);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace parley::app
