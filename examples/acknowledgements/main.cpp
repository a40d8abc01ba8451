// Questions and answers: from a client to the server, from the server to one client, and from the server to many.
//
// Try it: run example_acknowledgements, and in Node
//     const socket = require("socket.io-client").io("http://127.0.0.1:3000");
//     socket.on("question", (text, answer) => answer(42));
//     socket.on("vote", (subject, answer) => answer("yes"));
//     socket.on("verdict", console.log);
//     socket.emit("add", 1, 2, (sum) => console.log(sum));
//     socket.emit("ask me");  socket.emit("examine me");
//     socket.emit("call a vote", "tea?", (votes, complete) => console.log(votes, complete));
#include "../serve.hpp"

using namespace parley;
using namespace parley::socketio;
using namespace std::chrono_literals;

namespace {

// With callbacks: socket.timeout(5000).emit("question", text, (error, answer) => ...) there.
void ask_once(Socket& socket) {
    socket.emit_with_ack("question", "6 x 7?", 5s, [&socket](const Result<Arguments>& answer) {
        if (!answer) return;  // Timeout; or Cancelled: the socket has gone
        socket.emit("verdict", (*answer)[0] == Value(42) ? "right" : "wrong");
    });
}

// With a coroutine: await socket.timeout(5000).emitWithAck("question", text) there. It goes on where it was, on the socket's loop; an answer says
// that the socket is still there.
Task<void> ask_twice(Socket& socket) {
    for (const char* text : {"6 x 7?", "21 + 21?"}) {
        const auto answer = co_await socket.emit_with_ack("question", text, 5s);
        if (!answer) co_return;
        socket.emit("verdict", (*answer)[0] == Value(42) ? "right" : "wrong");
    }
}

// All who answer within two seconds; `complete` says whether that was everybody.
void ask_everybody(Server& io, const Value& subject, const Ack& ack) {
    io.everybody().timeout(2s).emit_with_ack("vote", subject, [ack](const Responses& responses) {
        Array votes;
        for (const auto& answer : responses.answers) votes.push_back(answer[0]);
        ack({votes, responses.complete});
    });
}

}  // namespace

int main(int count, char** arguments) {
    Standalone app;
    Server& io = app.io();
    io.on("add", [](Socket&, const Arguments& numbers, const Ack& ack) {
        if (numbers[0].is_number() && numbers[1].is_number()) ack(numbers[0].as_number() + numbers[1].as_number());
    });
    io.on("ask me", [](Socket& socket, const Arguments&) { ask_once(socket); });
    io.on("examine me", [](Socket& socket, const Arguments&) { socket.loop().spawn(ask_twice(socket)); });
    // An Ack may be kept and given later, from any thread.
    io.on("call a vote", [&io](Socket&, const Arguments& said, const Ack& ack) { ask_everybody(io, said[0], ack); });
    return serve(app, count, arguments);
}
