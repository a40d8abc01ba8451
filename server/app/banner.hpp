// What the log says when the server is ready.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/options.hpp"

namespace parley::app {

// Lines for people: the address to open, where the data is, what is served beside the API. `port` is the one really bound; ready: storage is there;
// missing_client: why there is no built-in web client, "" if there is one.
std::vector<std::string> banner(const Options& options, std::uint16_t port, bool ready, const std::string& missing_client);

// "is ready at", or what is missing for that.
std::string readiness(bool ready);

// The address that a browser on this machine opens: "http://localhost:5000".
std::string local_address(const Options& options, std::uint16_t port);

}  // namespace parley::app
