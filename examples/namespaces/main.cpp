// Namespaces: channels of their own on one connection. One for everybody, one behind a middleware, and one for each team, made when it is asked for.
//
// Try it: run example_namespaces, and in Node
//     const { io } = require("socket.io-client");
//     const admin = io("http://127.0.0.1:3000/admin", { auth: { token: "guess" } });
//     admin.on("connect_error", (error) => { console.log(error.message, error.data); admin.auth.token = "open"; admin.connect(); });
//     admin.on("report", (from, text) => console.log(from, text));
//     io("http://127.0.0.1:3000").emit("report", "the kettle boils");
//     io("http://127.0.0.1:3000/team-7").on("welcome", console.log);
#include <regex>

#include "../serve.hpp"

using namespace parley;
using namespace parley::socketio;

namespace {

// Before the client is told that it is connected. next() lets it pass; it may be kept and called later, when a database has answered.
void only_with_token(Socket& socket, const Next& next) {
    if (socket.auth()["token"] != Value("open")) return next.refuse({"not authorized", Object{{"code", "E_TOKEN"}, {"retry", true}}});
    socket.data() = Object{{"role", "admin"}};  // for the handlers
    next();
}

}  // namespace

int main(int count, char** arguments) {
    Standalone app;
    Server& io = app.io();

    Namespace admin = io.of("/admin");
    admin.use(only_with_token);
    admin.on_connection([](Socket& socket) { socket.emit("role", socket.data()["role"]); });

    // A Namespace is a small value: handlers copy it.
    io.on("report", [admin](Socket& socket, const Arguments& said) { admin.emit("report", {socket.id(), said[0]}); });

    // io.of(/^\/team-\d+$/) there. What is registered here holds for every namespace that fits; each has rooms and broadcasts of its own.
    auto teams = io.of(std::regex("/team-[0-9]+"));
    teams.on_connection([](Socket& socket) {
        socket.emit("welcome", socket.nsp());
        socket.broadcast().emit("joined", socket.id());  // to the rest of this team
    });
    return serve(app, count, arguments);
}
