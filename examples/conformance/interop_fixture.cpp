// The server that clients of other versions and languages are tested against; tests/interop/README.md says what it does. Flags: --port (0: any)
// --parser json|msgpack --recovery --compress --ping-interval --ping-timeout (milliseconds). SIGINT or SIGTERM stops it.
#include <cstdio>
#include <string>
#include <string_view>

#include "flags.hpp"
#include "parley/socketio/standalone.hpp"

using namespace parley;
using namespace parley::socketio;
using namespace std::chrono_literals;

namespace {

struct Flags {
    std::uint16_t port = 0;
    StandaloneOptions options;
};

bool read(int count, char** arguments, Flags& flags) {
    flags.options.origins.allowed = {"*"};
    flags.options.allow_eio3 = true;
    const auto take_switch = [&flags](std::string_view name) {
        if (name == "--recovery") {
            flags.options.recovery.mode = RecoveryOptions::Mode::OnRequest;
        } else if (name == "--compress") {
            flags.options.permessage_deflate = net::Deflate{};
            flags.options.http_compression = engineio::HttpCompression{};
        } else {
            return false;
        }
        return true;
    };
    const auto take_value = [&flags](std::string_view name, const char* value) {
        if (name != "--parser") return take_transport_flag(name, value, flags.port, flags.options);
        flags.options.parser = std::string_view(value) == "msgpack" ? ParserKind::MessagePack : ParserKind::Json;
        return true;
    };
    return read_flags(count, arguments, take_switch, take_value);
}

std::string text(const Value& value) {
    return value.is_string() ? value.as_string() : std::string();
}

void ask(Socket& socket, const Arguments& question) {
    socket.emit_with_ack("question", question, 1s, [&socket](const Result<Arguments>& answer) {
        if (answer) return socket.emit("answered", *answer);
        if (answer.error().code == ErrorCode::Timeout) socket.emit("unanswered");
    });
}

Value describe(const Socket& socket) {
    Object query;
    for (const auto& [name, value] : socket.query()) query.emplace_back(name, value);
    return Object{{"id", socket.id()},
                  {"auth", socket.auth().is_null() ? Value(Object{}) : socket.auth()},
                  {"query", std::move(query)},
                  {"recovered", socket.recovered()},
                  {"transport", socket.on_websocket() ? "websocket" : "polling"},
                  {"protocol", socket.protocol()}};
}

void serve_values(NamespaceSetup& setup) {
    setup.on("echo", [](Socket& socket, const Arguments& said) { socket.emit("echo", said); });
    setup.on("echo-ack", [](Socket&, const Arguments& said, const Ack& ack) { ack(said); });
    setup.on("ask", [](Socket& socket, const Arguments& question) { ask(socket, question); });
    setup.on("binary", [](Socket& socket, const Arguments& said) {
        if (!said[0].is_bytes()) return;
        socket.emit("binary", Object{{"length", said[0].as_bytes().size()}, {"data", said[0]}});
    });
    setup.on("whoami", [](Socket& socket, const Arguments&, const Ack& ack) { ack(describe(socket)); });
}

void serve_rooms(Namespace& chat) {
    chat.on("join", [](Socket& socket, const Arguments& said, const Ack& ack) {
        socket.join(text(said[0]));
        ack();
    });
    chat.on("leave", [](Socket& socket, const Arguments& said, const Ack& ack) {
        socket.leave(text(said[0]));
        ack();
    });
    chat.on("say", [chat](Socket&, const Arguments& said, const Ack& ack) {
        chat.to(text(said[0])).emit("said", {said[0], said[1]});
        ack();
    });
    chat.on("say-volatile", [chat](Socket&, const Arguments& said, const Ack& ack) {
        chat.to(text(said[0])).volatile_().emit("said", {said[0], said[1]});
        ack();
    });
}

void serve_ends(NamespaceSetup& setup) {
    setup.on("kick", [](Socket& socket, const Arguments& said) { socket.disconnect(said[0] == Value(true)); });
    setup.on("drop", [](Socket& socket, const Arguments&) { socket.close_transport(net::CloseCode::GoingAway, "as asked"); });
}

void guard(Socket& socket, const Next& next) {
    if (socket.auth()["token"] == Value("open")) return next();
    next.refuse({"not authorized", Object{{"code", "E_AUTH"}, {"retry", false}}});
}

}  // namespace

int main(int count, char** arguments) {
    Flags flags;
    if (!read(count, arguments, flags)) return 2;
    Standalone app(flags.options);
    app.io().of("/guarded").use(guard);
    for (const char* name : {"/", "/chat", "/guarded"}) {
        Namespace served = app.io().of(name);
        serve_values(served);
        serve_rooms(served);
        serve_ends(served);
    }
    const auto port = app.listen("127.0.0.1", flags.port);
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    std::printf("listening on %u\n", *port);
    std::fflush(stdout);
    app.wait();
}
