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

namespace {

std::string data_text(const Options& options) {
    switch (options.storage.chosen()) {
        case StorageKind::Memory: return "data: in memory";
        case StorageKind::MongoDb: return "data: in MongoDB";
        default: return fmt::format("data: {}", options.server.data_dir);
    }
}

std::string frontend_text(const std::string& folder, const std::string& missing_client) {
    if (!folder.empty()) return fmt::format("frontend: {}", folder);
    if (missing_client.empty()) return "frontend: the built-in web client";
    return fmt::format(
        "frontend: none, as this server was built without its web client: {}. `make build` installs what that needs (nodejs, npm) and "
        "builds again; --static-dir FOLDER serves another",
        missing_client);
}

}  // namespace

std::string readiness(bool ready) {
    return ready ? "is ready at" : "waits for its database, and then is ready at";
}

std::vector<std::string> banner(const Options& options, std::uint16_t port, bool ready, const std::string& missing_client) {
    return {
        fmt::format("{} {} {}", version_text(), readiness(ready), local_address(options, port)),
        data_text(options),
        frontend_text(options.server.static_dir, missing_client),
    };
}

}  // namespace parley::app
