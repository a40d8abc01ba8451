// Socket.IO as a part of a program that has event loops, an HTTP server and routes of its own. In Node: new Server(httpServer).
//
// Try it: run example_embedding, connect a client that listens for "announcement", then
//     curl -d 'Dinner is ready' http://127.0.0.1:3000/announce
//     curl http://127.0.0.1:3000/stats
#include <csignal>

#include "../serve.hpp"
#include "parley/net/http_server.hpp"
#include "parley/socketio/server.hpp"

using namespace parley;

namespace {

// All that the two have in common is the port: requests that the Socket.IO server serves are handed on, bodies and refusals included.
class Front : public net::HttpHandler {
public:
    explicit Front(socketio::Server& io) : io_(io) {}

    std::size_t max_body_bytes(const net::RequestHead& head) override { return io_.serves(head) ? io_.max_body_bytes(head) : 1024; }

    void handle(net::HttpRequest request, net::Exchange exchange) override {
        if (io_.serves(request)) return io_.handle(std::move(request), std::move(exchange));
        exchange.respond(answer(request));
    }

    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead* head) override {
        if (head && io_.serves(*head)) return io_.error(status, *head);
        return net::HttpResponse::text(status, "text/plain", std::string(reason));
    }

private:
    net::HttpResponse answer(const net::HttpRequest& request) {
        if (request.method == net::Method::Get && request.path() == "/stats") {
            const auto sockets = socketio::Value(socketio::Object{{"sockets", io_.counters().sockets}});
            return net::HttpResponse::text(200, "application/json", socketio::to_json(sockets));
        }
        if (request.method == net::Method::Post && request.path() == "/announce") {
            io_.emit("announcement", request.body);  // from any thread
            return net::HttpResponse::text(202, "text/plain", "announced\n");
        }
        return net::HttpResponse::text(404, "text/plain", "nothing here\n");
    }

    socketio::Server& io_;
};

}  // namespace

// The order is that of ownership: what is declared first is destroyed last. The loops end before the servers do.
int main(int count, char** arguments) {
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stopping, nullptr);

    LoopGroup loops(2);
    socketio::Server io(loops);
    Front front(io);
    net::HttpServer http(loops, front);
    const auto port = http.listen("127.0.0.1", port_of(count, arguments));
    if (!port) return std::fprintf(stderr, "%s\n", port.error().message.c_str()), 1;
    loops.start();
    std::printf("listening on http://127.0.0.1:%u (Ctrl-C stops)\n", *port);
    std::fflush(stdout);

    int signal = 0;
    sigwait(&stopping, &signal);
    loops.stop();
}
