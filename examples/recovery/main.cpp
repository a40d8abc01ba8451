// Connection state recovery: a client that was cut off for a while comes back as the same socket, in its rooms, and gets what it has missed.
//
// Try it: run example_recovery, and in Node
//     const socket = require("socket.io-client").io("http://127.0.0.1:3000");
//     socket.on("connect", () => console.log(socket.recovered ? "back again" : "new"));
//     socket.on("tick", (number) => console.log(number));
//     setInterval(() => socket.io.engine.close(), 5000);      // the numbers go on without a gap
#include "../serve.hpp"

using namespace parley;
using namespace parley::socketio;
using namespace std::chrono_literals;

namespace {

// Ends with the loop that it was spawned on.
Task<void> tick(Server& io) {
    for (int number = 1;; ++number) {
        co_await sleep_for(100ms);
        io.to("clock").emit("tick", number);
    }
}

}  // namespace

int main(int count, char** arguments) {
    StandaloneOptions options;
    // Clients must be socket.io-client 4.6 or later to recover. Mode::OnRequest does it for those only that connect with { auth: { recover: true } }.
    options.recovery.mode = RecoveryOptions::Mode::Always;
    options.recovery.max_disconnection = 60s;

    Standalone app(options);
    app.io().on_connection([](Socket& socket) {
        if (socket.recovered()) return;  // its rooms and its data() are there; handlers are registered anew below, by Server::on
        socket.join("clock");
        socket.data() = Object{{"name", socket.query("name")}};
    });
    app.io().on("who am I", [](Socket& socket, const Arguments&, const Ack& ack) { ack({socket.id(), socket.data()["name"]}); });
    app.loops()[0].spawn(tick(app.io()));
    return serve(app, count, arguments);
}
