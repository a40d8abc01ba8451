// Sec-WebSocket-Extensions: what a client offers (RFC 6455 section 9.1), and what we agree to of it (RFC 7692 section 7.1). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/net/websocket.hpp"

namespace parley::net {

struct ExtensionOffer {
    struct Parameter {
        std::string_view name;
        std::optional<std::string> value;  // unquoted
    };
    std::string_view name;
    std::vector<Parameter> parameters;
};

// In the client's order of preference. The names view `field`. nullopt: not of the form that section 9.1 gives.
std::optional<std::vector<ExtensionOffer>> parse_extensions(std::string_view field);

struct DeflateAgreement {
    int window_bits;     // of what we compress
    std::string answer;  // the value of our Sec-WebSocket-Extensions field
};

// The first offer of permessage-deflate that we can satisfy. Both contexts are always given up (sections 7.1.1.1 and 7.1.1.2), and a client may
// compress with any window: client_max_window_bits is accepted and not used.
std::optional<DeflateAgreement> agree_on_deflate(std::string_view field, const Deflate& options);

}  // namespace parley::net
