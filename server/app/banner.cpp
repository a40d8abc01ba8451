#include "app/banner.hpp"

#include <fmt/format.h>

#include "app/version.hpp"
#include "parley/net/address.hpp"

namespace parley::app {

std::string local_address(const Options& options, std::uint16_t port) {
    const auto ip = net::IpAddress::parse(options.server.host);
    const bool everywhere = !ip || *ip == net::IpAddress{} || *ip == net::IpAddress::parse("0.0.0.0");
    if (everywhere || ip->is_loopback()) return fmt::format("http://localhost:{}", port);
    return fmt::format("http://{}", net::Address{*ip, port}.to_string());
}

std::vector<std::string> banner(const Options& options, std::uint16_t port) {
    const bool memory = options.storage.kind == StorageKind::Memory;
    const std::string& folder = options.server.static_dir;
    return {
        fmt::format("{} is ready on {}", version_text(), local_address(options, port)),
        memory ? "data: in memory" : fmt::format("data: {}", options.server.data_dir),
        folder.empty() ? "frontend: none (--static-dir FOLDER serves one)" : fmt::format("frontend: {}", folder),
    };
}

}  // namespace parley::app
