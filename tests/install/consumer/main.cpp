// A first server, as another project has it. It says its port.
#include <cstdio>

#include "parley/socketio/standalone.hpp"

using namespace parley;

int main() {
    socketio::Standalone app;
    app.io().on_connection([](socketio::Socket& socket) { socket.emit("hello", socket.id()); });
    const auto port = app.listen("127.0.0.1", 0);
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    std::printf("%u\n", *port);
    std::fflush(stdout);
    app.wait();
}
