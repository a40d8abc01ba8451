// Binary data: what is a Buffer or an ArrayBuffer there is Bytes here, as an argument or anywhere inside one, in both directions.
//
// Try it: run example_binary, and in Node
//     const socket = require("socket.io-client").io("http://127.0.0.1:3000");
//     socket.emit("upload", "notes.txt", Buffer.from("some bytes"), (answer) => console.log(answer));
//     socket.emit("reverse", { name: "abc", data: Buffer.from("abc") }, (answer) => console.log(answer.data));
#include "../serve.hpp"

using namespace parley;
using namespace parley::socketio;

int main(int count, char** arguments) {
    StandaloneOptions options;
    options.max_payload = 16 * 1024 * 1024;  // maxHttpBufferSize there: of one message; a client that sends more is disconnected
    Standalone app(options);

    app.io().on("upload", [](Socket&, const Arguments& said, const Ack& ack) {
        if (!said[1].is_bytes()) return ack(Object{{"error", "bytes, please"}});
        ack(Object{{"name", said[0]}, {"bytes", said[1].as_bytes().size()}});
    });
    app.io().on("reverse", [](Socket&, const Arguments& said, const Ack& ack) {
        const Value* data = said[0].find("data");
        if (!data || !data->is_bytes()) return ack(Object{{"error", "bytes, please"}});
        const std::string& bytes = data->as_bytes();  // bytes are kept in a std::string
        ack(Object{{"name", said[0]["name"]}, {"data", Bytes{std::string(bytes.rbegin(), bytes.rend())}}});
    });
    return serve(app, count, arguments);
}
