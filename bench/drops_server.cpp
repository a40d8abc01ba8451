// The server of bench/drops.cpp: a client is let into the room that its CONNECT auth names; what it says is emitted to a room, or to everybody.
//     drops_server [LOOPS]
#include <cstdio>
#include <cstdlib>

#include "parley/socketio/standalone.hpp"

using namespace parley;

namespace {

void enter(socketio::Socket& socket) {
    const socketio::Value& room = socket.auth()["room"];
    if (room.is_string() && !socket.recovered()) socket.join(room.as_string());
}

// ["say", room, …] becomes ["m", …].
void say(socketio::Server& io, const socketio::Arguments& said) {
    if (said.empty() || !said[0].is_string()) return;
    const std::string& room = said[0].as_string();
    const auto message = socketio::Arguments::list({said.begin() + 1, said.end()});
    if (room.empty()) {
        io.emit("m", message);
    } else {
        io.to(room).emit("m", message);
    }
}

}  // namespace

int main(int count, char** arguments) {
    socketio::StandaloneOptions options;
    options.loops = count > 1 ? static_cast<std::size_t>(std::atoi(arguments[1])) : 0;
    options.recovery.mode = socketio::RecoveryOptions::Mode::OnRequest;
    socketio::Standalone app(std::move(options));
    app.io().on_connection(enter);
    app.io().on("say", [&io = app.io()](socketio::Socket&, const socketio::Arguments& said) { say(io, said); });
    const auto port = app.listen("127.0.0.1", 0);
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    std::printf("http://127.0.0.1:%u\n", *port);
    std::fflush(stdout);
    app.wait();
}
