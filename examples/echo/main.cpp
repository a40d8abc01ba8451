// Sends every event back to the one who sent it, and answers where an acknowledgement is asked for.
//
// Try it: run example_echo, and in Node
//     const socket = require("socket.io-client").io("http://127.0.0.1:3000");
//     socket.onAny((...event) => console.log(event));
//     socket.emit("say", "hi", { at: Date.now() });
//     socket.emit("time", (seconds) => console.log(seconds));
#include <ctime>

#include "../serve.hpp"

using namespace parley;

int main(int count, char** arguments) {
    socketio::Standalone app;
    app.io().on_connection([](socketio::Socket& socket) {
        // A Socket& outlives the handlers that it is given, so they may hold it.
        socket.on_any([&socket](std::string_view event, const socketio::Arguments& said) { socket.emit(event, said); });
        // The client's callback arrives as an Ack, not as the last argument.
        socket.on("time", [](const socketio::Arguments&, const socketio::Ack& ack) { ack(std::time(nullptr)); });
    });
    return serve(app, count, arguments);
}
