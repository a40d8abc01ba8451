#include "site/content_coding.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace parley::site {
namespace {

constexpr unsigned kScale = 1000;  // of a weight: three decimals

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes what stands before the mark off the front, and the mark.
std::string_view take_until(std::string_view& text, char mark) {
    const std::string_view taken = text.substr(0, text.find(mark));
    text.remove_prefix(std::min(taken.size() + 1, text.size()));
    return taken;
}

// RFC 9110 section 12.4.2: a number from 0 to 1 with at most three decimals.
std::optional<unsigned> parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    unsigned weight = text[0] == '1' ? kScale : 0;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    unsigned unit = kScale / 10;
    for (const char digit : text.substr(std::min<std::size_t>(text.size(), 2))) {
        if (digit < '0' || digit > '9') return std::nullopt;
        weight += static_cast<unsigned>(digit - '0') * unit;
        unit /= 10;
    }
    return weight <= kScale ? std::optional(weight) : std::nullopt;
}

// ";q=0.5", or nothing for 1.
std::optional<unsigned> parse_parameters(std::string_view text) {
    text = trim(text);
    if (text.empty()) return kScale;
    if (!net::equals_ignoring_case(text.substr(0, 2), "q=")) return std::nullopt;
    return parse_weight(text.substr(2));
}

struct Weights {
    std::array<std::optional<unsigned>, kCodings> named;
    std::optional<unsigned> others;  // "*"

    std::optional<unsigned>* slot(std::string_view name) {
        if (name == "*") return &others;
        if (net::equals_ignoring_case(name, "identity")) return &named[static_cast<std::size_t>(Coding::Identity)];
        if (net::equals_ignoring_case(name, "gzip") || net::equals_ignoring_case(name, "x-gzip"))
            return &named[static_cast<std::size_t>(Coding::Gzip)];
        if (net::equals_ignoring_case(name, "br")) return &named[static_cast<std::size_t>(Coding::Brotli)];
        return nullptr;
    }

    void read(std::string_view list) {
        while (!list.empty()) {
            std::string_view entry = take_until(list, ',');
            std::optional<unsigned>* weight = slot(trim(take_until(entry, ';')));
            if (weight && !*weight) *weight = parse_parameters(entry);
        }
    }

    // 0: refused. Doubled, so that there is room below the least weight for an identity that nobody spoke of.
    unsigned of(Coding coding) const {
        const auto weight = named[static_cast<std::size_t>(coding)];
        if (weight) return *weight * 2;
        if (others) return *others * 2;
        return coding == Coding::Identity ? 1 : 0;
    }
};

}  // namespace

std::string_view coding_name(Coding coding) {
    constexpr std::array<std::string_view, kCodings> kNames{"identity", "gzip", "br"};
    return kNames[static_cast<std::size_t>(coding)];
}

std::string_view coding_suffix(Coding coding) {
    constexpr std::array<std::string_view, kCodings> kSuffixes{"", ".gz", ".br"};
    return kSuffixes[static_cast<std::size_t>(coding)];
}

bool is_compressible(std::string_view content_type) {
    constexpr std::array<std::string_view, 11> kTypes{"application/javascript",
                                                      "application/json",
                                                      "application/manifest+json",
                                                      "application/vnd.ms-fontobject",
                                                      "application/wasm",
                                                      "application/xml",
                                                      "font/otf",
                                                      "font/ttf",
                                                      "image/bmp",
                                                      "image/svg+xml",
                                                      "image/x-icon"};
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return type.starts_with("text/") || std::ranges::find(kTypes, type) != kTypes.end();
}

AcceptedCodings AcceptedCodings::of(const net::Headers& headers) {
    Weights weights;
    bool said = false;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (!net::equals_ignoring_case(headers[i].name, "Accept-Encoding")) continue;
        said = true;
        weights.read(headers[i].value);
    }
    AcceptedCodings result;
    if (!said) {
        result.ranked_[result.count_++] = Coding::Identity;
        return result;
    }
    for (const Coding coding : {Coding::Identity, Coding::Gzip, Coding::Brotli}) {
        if (weights.of(coding) > 0) result.ranked_[result.count_++] = coding;
    }
    const auto rank = [&](Coding coding) { return std::pair(weights.of(coding), coding); };
    std::ranges::sort(result.ranked_.begin(), result.ranked_.begin() + result.count_, std::ranges::greater{}, rank);
    return result;
}

}  // namespace parley::site
