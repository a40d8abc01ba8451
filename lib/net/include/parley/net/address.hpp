// Address: an IP address and a port. IPv4-mapped IPv6 addresses are IPv4 here (a dual-stack socket sees ::ffff:127.0.0.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::net {

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  // IPv6, or IPv4 mapped into it
    bool is_v4() const;
    bool is_loopback() const;
    std::string to_string() const;
    static std::optional<IpAddress> parse(std::string_view text);  // "127.0.0.1", "::1", "[::1]"
    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

struct Address {
    IpAddress ip;
    std::uint16_t port = 0;
    std::string to_string() const;  // "127.0.0.1:5000", "[::1]:5000"
    friend auto operator<=>(const Address&, const Address&) = default;
};

// "10.0.0.0/8", "::1", "fd00::/8".
struct Network {
    IpAddress ip;
    unsigned prefix_bits = 128;  // of the 128-bit form
    bool contains(const IpAddress& address) const;
    static std::optional<Network> parse(std::string_view text);
};

}  // namespace parley::net
