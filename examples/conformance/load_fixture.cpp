// The server that transport measurements are made with: `echo` comes back with its arguments, `bcast` goes to everybody with them, `join` lets its sender
// into a room and is answered `joined`, `room` goes to the room that its first argument names. bench/peers/ has others that do the same.
// Flags: --port N (3000; 0: any), --threads T (as many as there are cores). SIGINT stops it.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "parley/socketio/standalone.hpp"

using namespace parley;
using namespace parley::socketio;

namespace {

std::string text(const Value& value) {
    return value.is_string() ? value.as_string() : std::string();
}

}  // namespace

int main(int count, char** arguments) {
    std::uint16_t number = 3000;
    StandaloneOptions options;
    options.origins.allowed = {"*"};
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = arguments[i];
        const int value = std::atoi(arguments[i + 1]);
        if (name == "--port") number = static_cast<std::uint16_t>(value);
        if (name == "--threads") options.loops = static_cast<std::size_t>(value);
    }
    Standalone app(options);
    Server& io = app.io();
    io.on("echo", [](Socket& socket, const Arguments& said) { socket.emit("echo", said); });
    io.on("bcast", [&io](Socket&, const Arguments& said) { io.emit("bcast", said); });
    io.on("join", [](Socket& socket, const Arguments& said) {
        socket.join(text(said[0]));
        socket.emit("joined", said[0]);
    });
    io.on("room", [&io](Socket&, const Arguments& said) { io.to(text(said[0])).emit("room", said[1]); });
    const auto port = app.listen("::", number);
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    std::printf("listening on http://127.0.0.1:%u\n", *port);
    std::fflush(stdout);
    app.wait();
}
