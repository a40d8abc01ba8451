// Rooms: people join some, talk in them, and are missed when they leave.
//
// Try it: run example_chat_room, and in Node, twice
//     const socket = require("socket.io-client").io("http://127.0.0.1:3000");
//     socket.onAny((...event) => console.log(event));
//     socket.emit("join", "garden", "Ada", (members) => console.log(members));
//     socket.emit("say", "garden", "Good morning");
#include "../serve.hpp"

using namespace parley;
using namespace parley::socketio;

namespace {

// Every socket is alone in a room named by its id. A prefix keeps people from joining somebody else's.
std::string room_of(const Value& name) {
    return "room:" + name.as_string();
}

// Handlers of other sockets run on other threads at the same time. What is asked of many sockets comes back by a callback, as a copy.
void tell_members(Server& io, const std::string& room, const Ack& ack) {
    io.in(room).fetch_sockets([ack](const std::vector<RemoteSocket>& members) {
        Array names;
        for (const auto& member : members) names.push_back(member.data["name"]);
        ack(names);
    });
}

void greet(Server& io, Socket& socket) {
    socket.on("join", [&io, &socket](const Arguments& said, const Ack& ack) {
        // Clients may send anything. as_string() of something else throws; that would be logged, and the event dropped.
        if (!said[0].is_string() || !said[1].is_string()) return;
        socket.data() = Object{{"name", said[1]}};  // what Node keeps in socket.data
        socket.join(room_of(said[0]));
        socket.to(room_of(said[0])).emit("joined", {said[0], said[1]});  // to the others: a socket's to() leaves itself out
        tell_members(io, room_of(said[0]), ack);
    });
    socket.on("say", [&io, &socket](const Arguments& said) {
        if (!said[0].is_string() || !socket.in_room(room_of(said[0]))) return;
        io.to(room_of(said[0])).emit("said", {said[0], socket.data()["name"], said[1]});  // to everybody, the speaker too
    });
    socket.on("typing", [&socket](const Arguments& said) {
        if (!said[0].is_string()) return;
        // Who cannot take it now does not need it later.
        socket.to(room_of(said[0])).volatile_().emit("typing", {said[0], socket.data()["name"]});
    });
    socket.on_disconnecting([&socket](DisconnectReason) {  // still in its rooms
        for (const auto& room : socket.rooms()) socket.to(room).emit("left", {room.substr(5), socket.data()["name"]});
    });
}

}  // namespace

int main(int count, char** arguments) {
    Standalone app;
    app.io().on_connection([&app](Socket& socket) { greet(app.io(), socket); });
    return serve(app, count, arguments);
}
