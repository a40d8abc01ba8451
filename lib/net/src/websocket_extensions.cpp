#include "websocket_extensions.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "websocket_deflate.hpp"

namespace parley::net {
namespace {

bool is_token_char(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return std::string_view("!#$%&'*+-.^_`|~").contains(c);  // RFC 9110 section 5.6.2
}

// Takes a field apart from its front.
class Scanner {
public:
    explicit Scanner(std::string_view rest) : rest_(rest) { skip_blanks(); }

    bool at_end() const { return rest_.empty(); }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        skip_blanks();
        return true;
    }
    // "" where none is.
    std::string_view take_token() {
        const auto end = std::ranges::find_if_not(rest_, is_token_char);
        const std::string_view token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(token.size());
        skip_blanks();
        return token;
    }
    // A token, or a quoted string that is one when unquoted (RFC 6455 section 9.1). "" where none is.
    std::string take_value() {
        if (!rest_.starts_with('"')) return std::string(take_token());
        std::string value;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                skip_blanks();
                return value;
            }
            if (rest_[i] == '\\') ++i;
            if (i == rest_.size() || !is_token_char(rest_[i])) return {};
            value += rest_[i];
        }
        return {};
    }

private:
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

    std::string_view rest_;
};

bool take_parameters(Scanner& field, ExtensionOffer& offer) {
    while (field.take(';')) {
        ExtensionOffer::Parameter parameter;
        parameter.name = field.take_token();
        if (parameter.name.empty()) return false;
        if (field.take('=')) {
            parameter.value = field.take_value();
            if (parameter.value->empty()) return false;
        }
        offer.parameters.push_back(std::move(parameter));
    }
    return true;
}

// RFC 7692 section 7.1.2: 8 to 15, in decimal, without leading zeros.
std::optional<int> window_bits(const std::string& text) {
    if (text == "8" || text == "9") return text[0] - '0';
    if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') return 10 + text[1] - '0';
    return std::nullopt;
}

bool is_repeated(const ExtensionOffer& offer, std::string_view name) {
    return std::ranges::count(offer.parameters, name, &ExtensionOffer::Parameter::name) > 1;
}

// What the client asks of our window (15: nothing). nullopt: section 7.1 has us decline, for a parameter that is unknown, repeated, or has a value
// that it must not have.
std::optional<int> asked_window(const ExtensionOffer& offer) {
    int asked = 15;
    for (const auto& [name, value] : offer.parameters) {
        if (is_repeated(offer, name)) return std::nullopt;
        if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
            if (value) return std::nullopt;  // sections 7.1.1.1, 7.1.1.2
        } else if (name == "client_max_window_bits") {
            if (value && !window_bits(*value)) return std::nullopt;  // section 7.1.2.2: may come without a value
        } else if (name == "server_max_window_bits") {
            const auto bits = value ? window_bits(*value) : std::nullopt;  // section 7.1.2.1
            if (!bits) return std::nullopt;
            asked = *bits;
        } else {
            return std::nullopt;
        }
    }
    return asked;
}

}  // namespace

std::optional<std::vector<ExtensionOffer>> parse_extensions(std::string_view field) {
    std::vector<ExtensionOffer> offers;
    Scanner rest(field);
    while (!rest.at_end()) {
        if (rest.take(',')) continue;  // RFC 9110 section 5.6.1.2: empty elements are ignored
        ExtensionOffer offer;
        offer.name = rest.take_token();
        if (offer.name.empty() || !take_parameters(rest, offer)) return std::nullopt;
        if (!rest.at_end() && !rest.take(',')) return std::nullopt;
        offers.push_back(std::move(offer));
    }
    return offers;
}

std::optional<DeflateAgreement> agree_on_deflate(std::string_view field, const Deflate& options) {
    const auto offers = parse_extensions(field);
    if (!offers) return std::nullopt;
    for (const ExtensionOffer& offer : *offers) {
        if (offer.name != "permessage-deflate") continue;
        const auto asked = asked_window(offer);
        if (!asked || *asked < kMinDeflateWindowBits) continue;  // section 5.1: the next offer is the client's next choice
        const int bits = std::clamp(options.max_window_bits, kMinDeflateWindowBits, *asked);
        std::string answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        if (*asked < 15) answer += fmt::format("; server_max_window_bits={}", bits);
        return DeflateAgreement{bits, std::move(answer)};
    }
    return std::nullopt;
}

std::string websocket_extensions(const RequestHead& head) {
    std::string joined;
    for (std::size_t i = 0; i < head.headers.size(); ++i) {
        const auto [name, value] = head.headers[i];
        if (!equals_ignoring_case(name, "Sec-WebSocket-Extensions")) continue;
        if (!joined.empty()) joined += ", ";
        joined += value;
    }
    return joined;
}

}  // namespace parley::net
