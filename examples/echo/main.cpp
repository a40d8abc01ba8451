// The smallest server: sends every event back to the one who sent it, and answers where an acknowledgement is asked for.
// Try it: parley_echo 3000, and in Node: io("http://localhost:3000").emit("say", "hi", (...answer) => console.log(answer))
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "parley/net/http_server.hpp"
#include "parley/socketio/server.hpp"

using namespace parley;

struct Handler : net::HttpHandler {
    explicit Handler(socketio::Server& server) : io(server) {}
    std::size_t max_body_bytes(const net::RequestHead& head) override { return io.max_body_bytes(head); }
    void handle(net::HttpRequest request, net::Exchange exchange) override {
        if (io.serves(request)) return io.handle(std::move(request), std::move(exchange));
        exchange.respond(error(404, "Not Found", &request));
    }
    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead*) override {
        return net::HttpResponse::text(status, "text/plain", std::string(reason));
    }
    socketio::Server& io;
};

int main(int count, char** arguments) {
    LoopGroup loops(std::max(1u, std::thread::hardware_concurrency()));
    socketio::Server io(loops);
    io.on_connection([](socketio::Socket& socket) {
        socket.on_any([&socket](std::string_view event, const socketio::Arguments& said) { socket.emit(event, said); });
        socket.on("say", [](const socketio::Arguments& said, const socketio::Ack& ack) { ack({"you said", said[0]}); });
    });
    Handler handler(io);
    net::HttpServer http(loops, handler);
    const auto port = http.listen("127.0.0.1", static_cast<std::uint16_t>(count > 1 ? std::atoi(arguments[1]) : 3000));
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    loops.start();
    std::printf("http://127.0.0.1:%u (Enter stops)\n", *port);
    std::fflush(stdout);
    std::getchar();
    loops.stop();
}
