// Standalone: a Socket.IO server with all that it needs around it (loops, the HTTP server, signals), for a program whose main thread has nothing
// else to do. What Node's `const io = new Server(3000)` is.
//
//     socketio::Standalone app;
//     app.io().on_connection([](socketio::Socket& socket) { ... });
//     const auto ended = app.run("127.0.0.1", 3000);
//
// A program that has loops or an HTTP server of its own does without: HttpFront, or a net::HttpHandler that passes on what Server::serves().
// Threading: everything from one controlling thread, but stop().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "parley/net/http_server.hpp"
#include "parley/socketio/server.hpp"

namespace parley::socketio {

// Answers the HTTP requests that are not for the Socket.IO server. On the loop of the connection; must not block. The exchange may be kept and
// answered later.
using HttpRoute = std::function<void(net::HttpRequest request, net::Exchange exchange)>;

// HttpFront: what net::HttpServer asks for when Socket.IO and other HTTP share a port.
// Ownership: borrows the server, which lives longer.
class HttpFront final : public net::HttpHandler {
public:
    // Without `route` every other request gets 404. `max_body_bytes`: of such a request; beyond it 413.
    explicit HttpFront(Server& io, HttpRoute route = {}, std::size_t max_body_bytes = 100 * 1024);

    // Before the loops start.
    void on_request(HttpRoute route) { route_ = std::move(route); }

    std::size_t max_body_bytes(const net::RequestHead& head) override;
    void handle(net::HttpRequest request, net::Exchange exchange) override;
    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead* head) override;

private:
    Server& io_;
    HttpRoute route_;
    std::size_t max_body_bytes_;
};

struct StandaloneOptions : ServerOptions {
    std::size_t loops = 0;                            // threads that serve; 0: as many as there are cores
    std::size_t max_request_body_bytes = 100 * 1024;  // of requests that are not for the Socket.IO server
    net::HttpLimits http;
    std::chrono::milliseconds stop_timeout{5'000};  // for closing sessions and finishing answers; what is left is cut
};

class Standalone {
public:
    explicit Standalone(StandaloneOptions options = {});  // throws as Server does
    ~Standalone();                                        // stops, if wait() has not
    Standalone(const Standalone&) = delete;
    Standalone& operator=(const Standalone&) = delete;

    // Handlers, namespaces and middleware are registered before listen().
    Server& io();
    LoopGroup& loops();
    // What answers all other requests, before listen(). Without it they get 404.
    void on_request(HttpRoute route);

    // Binds, starts the loops and returns the port (0 asks for any). Errors: those of net::HttpServer::listen; the program may try again.
    Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

    // Blocks until SIGINT, SIGTERM or stop(); a second signal has its usual effect. Then: no new connections, sessions closed as
    // Server::close() does (stock clients reconnect to the next server), open answers finished, loops ended. Returns at once before listen(), and again.
    void wait();

    // listen() and wait(). Errors: those of listen().
    Result<void> run(const std::string& host, std::uint16_t port);

    // Any thread and any handler. Makes wait() end; does not block. Idempotent.
    void stop();

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace parley::socketio
