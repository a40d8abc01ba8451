// What the official Socket.IO suite (version 5) wants of a server. Flags, with the suite's values as defaults: --port 3000 --ping-interval 300
// --ping-timeout 200 --connect-timeout 1000 --max-payload 1000000, and --eio3 for old clients too.
// Namespaces / and /custom: on connection `auth` with the handshake's auth; `message` comes back as `message-back`; `message-with-ack` is acknowledged with
// its own arguments. SIGINT stops it.
#include <cstdio>
#include <string_view>

#include "flags.hpp"
#include "parley/socketio/standalone.hpp"

using namespace parley;
using namespace parley::socketio;
using namespace std::chrono_literals;

namespace {

void serve(NamespaceSetup& setup) {
    setup.on_connection([](Socket& socket) { socket.emit("auth", socket.auth().is_null() ? Value(Object{}) : socket.auth()); });
    setup.on("message", [](Socket& socket, const Arguments& said) { socket.emit("message-back", said); });
    setup.on("message-with-ack", [](Socket&, const Arguments& said, const Ack& ack) { ack(said); });
}

struct Flags {
    std::uint16_t port = 3000;
    StandaloneOptions options;
};

bool read(int count, char** arguments, Flags& flags) {
    flags.options.loops = 1;  // the suite expects that two requests are handled in the order in which they were sent
    flags.options.ping_interval = 300ms;
    flags.options.ping_timeout = 200ms;
    flags.options.connect_timeout = 1000ms;
    flags.options.origins.allowed = {"*"};
    const auto take_switch = [&flags](std::string_view name) {
        if (name != "--eio3") return false;
        flags.options.allow_eio3 = true;
        return true;
    };
    const auto take_value = [&flags](std::string_view name, const char* value) {
        if (name != "--connect-timeout") return take_transport_flag(name, value, flags.port, flags.options);
        flags.options.connect_timeout = std::chrono::milliseconds(std::strtoul(value, nullptr, 10));
        return true;
    };
    return read_flags(count, arguments, take_switch, take_value);
}

}  // namespace

int main(int count, char** arguments) {
    Flags flags;
    if (!read(count, arguments, flags)) return 2;
    Standalone app(flags.options);
    for (const char* name : {"/", "/custom"}) {
        Namespace served = app.io().of(name);
        serve(served);
    }
    const auto port = app.listen("::", flags.port);  // both of "localhost"
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    std::printf("listening on %u\n", *port);
    std::fflush(stdout);
    app.wait();
}
