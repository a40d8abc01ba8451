// The command lines of these programs: switches that stand alone, and names that a value follows.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "parley/engineio/options.hpp"

// Each function says whether it knows the name. False: nobody does, or the value is missing; that was printed.
inline bool read_flags(int count, char** arguments, const std::function<bool(std::string_view name)>& take_switch,
                       const std::function<bool(std::string_view name, const char* value)>& take_value) {
    for (int i = 1; i < count; ++i) {
        if (take_switch(arguments[i])) continue;
        if (i + 1 < count && take_value(arguments[i], arguments[i + 1])) {
            ++i;
            continue;
        }
        std::fprintf(stderr, "unknown flag, or one without a value: %s\n", arguments[i]);
        return false;
    }
    return true;
}

// What all of them take: --port, --ping-interval, --ping-timeout (milliseconds), --max-payload (bytes).
inline bool take_transport_flag(std::string_view name, const char* value, std::uint16_t& port, parley::engineio::ServerOptions& options) {
    const auto number = std::strtoul(value, nullptr, 10);
    if (name == "--port") {
        port = static_cast<std::uint16_t>(number);
    } else if (name == "--ping-interval") {
        options.ping_interval = std::chrono::milliseconds(number);
    } else if (name == "--ping-timeout") {
        options.ping_timeout = std::chrono::milliseconds(number);
    } else if (name == "--max-payload") {
        options.max_payload = number;
    } else {
        return false;
    }
    return true;
}
