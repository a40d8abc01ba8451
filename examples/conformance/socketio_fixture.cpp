// What the official Socket.IO suite (version 5) wants of a server. Flags, with the suite's values as defaults: --port 3000 --ping-interval 300
// --ping-timeout 200 --connect-timeout 1000 --max-payload 1000000, and --eio3 for old clients too.
// Namespaces / and /custom: on connection `auth` with the handshake's auth; `message` comes back as `message-back`; `message-with-ack` is acknowledged with
// its own arguments. SIGINT stops it.
#include <cstdio>
#include <cstdlib>
#include <string_view>

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

bool take(Flags& flags, std::string_view name, const char* value) {
    const auto number = std::strtoul(value, nullptr, 10);
    const std::chrono::milliseconds milliseconds(number);
    if (name == "--port") {
        flags.port = static_cast<std::uint16_t>(number);
    } else if (name == "--ping-interval") {
        flags.options.ping_interval = milliseconds;
    } else if (name == "--ping-timeout") {
        flags.options.ping_timeout = milliseconds;
    } else if (name == "--connect-timeout") {
        flags.options.connect_timeout = milliseconds;
    } else if (name == "--max-payload") {
        flags.options.max_payload = number;
    } else {
        return false;
    }
    return true;
}

bool read_flags(int count, char** arguments, Flags& flags) {
    flags.options.loops = 1;  // the suite expects that two requests are handled in the order in which they were sent
    flags.options.ping_interval = 300ms;
    flags.options.ping_timeout = 200ms;
    flags.options.connect_timeout = 1000ms;
    flags.options.origins.allowed = {"*"};
    for (int i = 1; i < count; ++i) {
        if (std::string_view(arguments[i]) == "--eio3") {
            flags.options.allow_eio3 = true;
        } else if (i + 1 == count || !take(flags, arguments[i], arguments[i + 1])) {
            std::fprintf(stderr, "unknown flag, or one without a value: %s\n", arguments[i]);
            return false;
        } else {
            ++i;
        }
    }
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    Flags flags;
    if (!read_flags(count, arguments, flags)) return 2;
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
