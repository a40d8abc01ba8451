// A Socket.IO server for the storm test: counts what each client sends and pushes numbers of its own meanwhile.
//
//     storm_server LOOPS        prints "http://127.0.0.1:PORT" and serves until its input ends
//
// A client's query says how many numbers it wants (`count`). From its connection on it gets `down` 0, 1, 2, …; it sends `up` 0, 1, 2, … and gets
// `counted` with how many came in order, or `wrong` with what came instead.
#include <fmt/core.h>
#include <unistd.h>

#include <any>
#include <cstdlib>

#include "parley/async/loop.hpp"
#include "parley/net/http_server.hpp"
#include "parley/socketio/server.hpp"

namespace {

using namespace parley;

class OnlySockets : public net::HttpHandler {
public:
    explicit OnlySockets(socketio::Server& io) : io_(io) {}
    std::size_t max_body_bytes(const net::RequestHead& head) override { return io_.max_body_bytes(head); }
    void handle(net::HttpRequest request, net::Exchange exchange) override {
        if (io_.serves(request)) return io_.handle(std::move(request), std::move(exchange));
        exchange.respond(net::HttpResponse::text(404, "text/plain", "nothing here"));
    }
    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead*) override {
        return net::HttpResponse::text(status, "text/plain", std::string(reason));
    }

private:
    socketio::Server& io_;
};

Task<void> push(socketio::SocketHandle socket, int count) {
    for (int i = 0; i < count; ++i) {
        socket.emit_json("down", std::to_string(i));
        if (i % 32 == 31) co_await sleep_for(std::chrono::milliseconds(1));
    }
}

void count_up(socketio::Socket& socket, const socketio::Arguments& arguments) {
    int& expected = *std::any_cast<int>(&socket.context());
    const std::int64_t number = arguments[0].is_integer() ? arguments[0].as_integer() : -1;
    if (number != expected) return socket.emit_json("wrong", fmt::format("{},{}", expected, number));
    ++expected;
    socket.emit_json("counted", std::to_string(expected));
}

}  // namespace

int main(int argc, char** argv) {
    LoopGroup loops(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 4);
    socketio::ServerOptions options;
    options.upgrade_timeout = std::chrono::seconds(60);
    options.ping_interval = std::chrono::seconds(2);
    options.ping_timeout = std::chrono::seconds(60);
    socketio::Server io(loops, std::move(options));
    io.on_connection([](socketio::Socket& socket) {
        socket.context() = 0;
        socket.loop().spawn(push(socket.handle(), std::atoi(std::string(socket.query("count")).c_str())));
    });
    io.on("up", [](socketio::Socket& socket, socketio::Arguments arguments) { count_up(socket, arguments); });
    OnlySockets handler(io);
    net::HttpServer http(loops, handler);
    const auto port = http.listen("127.0.0.1", 0);
    if (!port) {
        fmt::print(stderr, "storm_server: {}\n", port.error().message);
        return 1;
    }
    loops.start();
    fmt::print("http://127.0.0.1:{}\n", *port);
    std::fflush(stdout);
    char byte;
    while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
    loops.stop();
}
