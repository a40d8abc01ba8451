#include "site/avatars.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "site/conditions.hpp"

namespace parley::site {
namespace {

constexpr std::string_view kPrefix = "/api/avatars/";
constexpr std::string_view kSuffix = ".svg";
constexpr std::size_t kIdDigits = 24;

// Numbers drawn from an id: FNV-1a over its bytes, then splitmix64. Neighbouring ids (a counter apart) must not look alike.
class Dice {
public:
    explicit Dice(const chat::UserId& user) {
        for (const std::uint8_t byte : user.bytes) state_ = (state_ ^ byte) * 0x100000001b3ULL;
    }

    // 0 to sides - 1
    unsigned roll(unsigned sides) {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
        return static_cast<unsigned>((mixed ^ (mixed >> 31)) % sides);
    }

private:
    std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

std::string colour(unsigned hue, unsigned saturation, unsigned lightness) {
    return fmt::format("hsl({},{}%,{}%)", hue % 360, saturation, lightness);
}

// `count` copies of a shape around the middle. `shape` is an element without its end.
std::string ring(unsigned count, double turn, std::string_view shape) {
    std::string result;
    for (unsigned i = 0; i < count; ++i) result += fmt::format("{} transform=\"rotate({:.4g})\"/>", shape, turn + 360.0 * i / count);
    return result;
}

}  // namespace

std::string avatar_path(const chat::UserId& user) {
    return fmt::format("{}{}{}", kPrefix, user.to_hex(), kSuffix);
}

std::optional<chat::UserId> avatar_user(std::string_view path) {
    if (path.size() != kPrefix.size() + kIdDigits + kSuffix.size()) return std::nullopt;
    if (!net::equals_ignoring_case(path.substr(0, kPrefix.size()), kPrefix)) return std::nullopt;
    if (!net::equals_ignoring_case(path.substr(kPrefix.size() + kIdDigits), kSuffix)) return std::nullopt;
    return chat::UserId::parse(path.substr(kPrefix.size(), kIdDigits));
}

std::string avatar_svg(const chat::UserId& user) {
    Dice dice(user);
    const unsigned hue = dice.roll(360);
    const unsigned other_hue = hue + 40 + dice.roll(80);
    const unsigned petals = 5 + dice.roll(4);
    const unsigned length = 14 + dice.roll(8);
    const unsigned width = 6 + dice.roll(6);
    const unsigned turn = dice.roll(72);
    const unsigned accent = hue + 150 + dice.roll(60);
    const bool dots_between = dice.roll(2) == 0;
    const unsigned dot_distance = 28 + dice.roll(10);
    const unsigned dot_radius = 2 + dice.roll(4);
    const unsigned heart = 6 + dice.roll(5);
    const std::string petal = fmt::format("<ellipse cy=\"-{}\" rx=\"{}\" ry=\"{}\"", length + 4, width, length);
    const std::string dot = fmt::format("<circle cy=\"-{}\" r=\"{}\"", dot_distance, dot_radius);
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-48 -48 96 96\" width=\"96\" height=\"96\">";
    svg += fmt::format(
        "<linearGradient id=\"g\" x2=\"1\" y2=\"1\"><stop stop-color=\"{}\"/><stop offset=\"1\" stop-color=\"{}\"/></linearGradient>",
        colour(hue, 65, 55), colour(other_hue, 60, 38));
    svg += "<path d=\"M-48-48h96v96h-96z\" fill=\"url(#g)\"/>";
    svg += fmt::format("<g fill=\"#fff\" fill-opacity=\".34\">{}</g>", ring(petals, turn, petal));
    svg += fmt::format("<g fill=\"{}\">{}</g>", colour(accent, 85, 80), ring(petals, turn + (dots_between ? 180.0 / petals : 0.0), dot));
    svg += fmt::format("<circle r=\"{}\" fill=\"{}\"/></svg>", heart, colour(accent, 80, 86));
    return svg;
}

net::HttpResponse respond_avatar(const net::RequestHead& head) {
    const auto user = avatar_user(head.path());
    const bool reads = head.method == net::Method::Get || head.method == net::Method::Head;
    if (!user || !reads) return net::HttpResponse::text(404, "application/json; charset=utf-8", R"({"error":"Not found"})");
    // The number grows when the drawing changes.
    const Validators validators{fmt::format("\"avatar-1-{}\"", user->to_hex()), std::nullopt};
    net::HttpResponse response;
    response.headers.add("Cache-Control", "public, max-age=31536000, immutable");
    response.headers.add("ETag", validators.etag);
    response.headers.add("X-Content-Type-Options", "nosniff");
    if (is_not_modified(head.headers, validators)) {
        response.status = 304;
        return response;
    }
    response.headers.add("Content-Type", "image/svg+xml");
    response.headers.add("Content-Security-Policy", "default-src 'none'");
    response.body = avatar_svg(*user);
    return response;
}

std::string original_avatar_url(std::string_view username, chat::Gender gender) {
    return fmt::format("https://avatar.iran.liara.run/public/{}?username={}", gender == chat::Gender::Male ? "boy" : "girl",
                       net::percent_encode(username));
}

}  // namespace parley::site
