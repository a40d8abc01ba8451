// What the official Engine.IO suites (versions 4 and 3) want of a server: it sends every message back in kind. Flags, with the suites' values as
// defaults: --port 3000 --path /engine.io/ --ping-interval 300 --ping-timeout 200 --max-payload 1000000, --eio3; --no-eio3 refuses version 3. SIGINT stops it.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "flags.hpp"
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

bool read(int count, char** arguments, Flags& flags) {
    const auto take_switch = [&flags](std::string_view name) {
        if (name != "--eio3" && name != "--no-eio3") return false;
        flags.options.allow_eio3 = name == "--eio3";
        return true;
    };
    const auto take_value = [&flags](std::string_view name, const char* value) {
        if (name != "--path") return take_transport_flag(name, value, flags.port, flags.options);
        flags.options.path = value;
        return true;
    };
    return read_flags(count, arguments, take_switch, take_value);
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
    if (!read(count, arguments, flags)) return 2;
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
