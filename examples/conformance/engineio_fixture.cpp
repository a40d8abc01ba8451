// What the official Engine.IO suites (versions 4 and 3) want of a server: it sends every message back in kind. Flags, with the suites' values as
// defaults: --port 3000 --path /engine.io/ --ping-interval 300 --ping-timeout 200 --max-payload 1000000, --eio3; --no-eio3 refuses version 3. SIGINT stops it.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "parley/engineio/server.hpp"

using namespace parley;

namespace {

class Echo final : public engineio::SessionHandler {
public:
    explicit Echo(engineio::Session& session) : session_(session) {}
    void on_message(std::string_view message, bool binary) override {
        binary ? session_.send_binary(message) : session_.send_text(message);
    }
    void on_closed(engineio::CloseReason) override {}

private:
    engineio::Session& session_;
};

class Front final : public net::HttpHandler {
public:
    explicit Front(engineio::Server& server) : server_(server) {}
    std::size_t max_body_bytes(const net::RequestHead& head) override { return server_.max_body_bytes(head); }
    void handle(net::HttpRequest request, net::Exchange exchange) override {
        if (server_.serves(request)) return server_.handle(std::move(request), std::move(exchange));
        exchange.respond(net::HttpResponse::text(404, "text/plain", "Not Found"));
    }
    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead* head) override {
        if (head && server_.serves(*head)) return server_.error(status, *head);
        return net::HttpResponse::text(status, "text/plain", std::string(reason));
    }

private:
    engineio::Server& server_;
};

struct Flags {
    std::uint16_t port = 3000;
    engineio::ServerOptions options{.path = "/engine.io/",
                                    .ping_interval = std::chrono::milliseconds(300),
                                    .ping_timeout = std::chrono::milliseconds(200),
                                    .origins = {.allowed = {"*"}},
                                    .allow_eio3 = true};
};

bool take(Flags& flags, std::string_view name, const char* value) {
    const auto number = std::strtoul(value, nullptr, 10);
    if (name == "--port") {
        flags.port = static_cast<std::uint16_t>(number);
    } else if (name == "--path") {
        flags.options.path = value;
    } else if (name == "--ping-interval") {
        flags.options.ping_interval = std::chrono::milliseconds(number);
    } else if (name == "--ping-timeout") {
        flags.options.ping_timeout = std::chrono::milliseconds(number);
    } else if (name == "--max-payload") {
        flags.options.max_payload = number;
    } else {
        return false;
    }
    return true;
}

bool read_flags(int count, char** arguments, Flags& flags) {
    for (int i = 1; i < count; ++i) {
        const bool version_3 = std::strcmp(arguments[i], "--eio3") == 0;
        if (version_3 || std::strcmp(arguments[i], "--no-eio3") == 0) {
            flags.options.allow_eio3 = version_3;
        } else if (i + 1 == count || !take(flags, arguments[i], arguments[i + 1])) {
            std::fprintf(stderr, "unknown flag, or one without a value: %s\n", arguments[i]);
            return false;
        } else {
            ++i;
        }
    }
    return true;
}

void wait_for_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    int signal = 0;
    sigwait(&signals, &signal);
}

// Before any thread is started: they inherit it.
void block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

int main(int count, char** arguments) {
    Flags flags;
    if (!read_flags(count, arguments, flags)) return 2;
    block_signals();
    LoopGroup loops(1);  // the suites expect that two requests are handled in the order in which they were sent
    engineio::Server server(loops, flags.options, [](engineio::Session& session) { return std::make_unique<Echo>(session); });
    Front front(server);
    net::HttpServer http(loops, front);
    const auto port = http.listen("::", flags.port);  // both of "localhost"
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    loops.start();
    std::printf("listening on port %u\n", *port);
    std::fflush(stdout);
    wait_for_signal();
    loops.stop();
}
