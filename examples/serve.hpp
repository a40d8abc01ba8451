// What the main() of an example ends with: serves on 127.0.0.1 until Ctrl-C. `--port N` names the port: 3000 without, 0 asks for any.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "parley/socketio/standalone.hpp"

inline std::uint16_t port_of(int count, char** arguments) {
    const bool given = count == 3 && std::string_view(arguments[1]) == "--port";
    return static_cast<std::uint16_t>(given ? std::atoi(arguments[2]) : 3000);
}

inline int serve(parley::socketio::Standalone& app, int count, char** arguments) {
    const auto port = app.listen("127.0.0.1", port_of(count, arguments));
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    std::printf("listening on http://127.0.0.1:%u (Ctrl-C stops)\n", *port);
    std::fflush(stdout);
    app.wait();
    return 0;
}
