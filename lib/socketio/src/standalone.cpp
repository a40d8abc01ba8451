#include "parley/socketio/standalone.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <future>
#include <thread>
#include <utility>

#include "own_code.hpp"

namespace parley::socketio {

using std::chrono::milliseconds;

HttpFront::HttpFront(Server& io, HttpRoute route, std::size_t max_body_bytes)
    : io_(io), route_(std::move(route)), max_body_bytes_(max_body_bytes) {}

std::size_t HttpFront::max_body_bytes(const net::RequestHead& head) {
    return io_.serves(head) ? io_.max_body_bytes(head) : max_body_bytes_;
}

void HttpFront::handle(net::HttpRequest request, net::Exchange exchange) {
    if (io_.serves(request)) return io_.handle(std::move(request), std::move(exchange));
    if (route_) return route_(std::move(request), std::move(exchange));
    exchange.respond(error(404, net::reason_phrase(404), &request));
}

net::HttpResponse HttpFront::error(unsigned status, std::string_view reason, const net::RequestHead* head) {
    if (head && io_.serves(*head)) return io_.error(status, *head);
    return net::HttpResponse::text(status, "text/plain", std::string(reason));
}

namespace {

std::size_t loop_count(std::size_t wanted) {
    return wanted > 0 ? wanted : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 255);
}

// Not longer than `timeout`: a program that has closed the server itself is not told again when that is done.
void await(milliseconds timeout, const std::function<void(std::function<void()> done)>& begin) {
    const auto finished = std::make_shared<std::promise<void>>();
    begin([finished] { finished->set_value(); });
    finished->get_future().wait_for(timeout);
}

}  // namespace

struct Standalone::Implementation {
    explicit Implementation(const StandaloneOptions& options)
        : stop_timeout(options.stop_timeout),
          loops(loop_count(options.loops)),
          io(loops, options),
          front(io, {}, options.max_request_body_bytes),
          http(loops, front, options.http),
          signals(loops[0].context()) {}

    // The servers are destroyed after the loops have stopped (their precondition).
    ~Implementation() { loops.stop(); }

    void ask_to_stop() {
        if (!asked.exchange(true)) stop.set_value();
    }

    void listen_for_signals();
    void close();

    const milliseconds stop_timeout;
    LoopGroup loops;
    Server io;
    HttpFront front;
    net::HttpServer http;
    boost::asio::signal_set signals;
    std::atomic<bool> asked{false};
    std::promise<void> stop;
    bool running = false;
};

// clear() gives the signals their usual effect back, so that the second one ends a program whose stop takes too long.
void Standalone::Implementation::listen_for_signals() {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    signals.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        signals.clear();
        ask_to_stop();
    });
}

// Sockets' transports close first: a poll that waits is an exchange too, and would hold up the drain.
void Standalone::Implementation::close() {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + stop_timeout;
    const auto left = [deadline] { return std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds(1)); };
    http.stop_accepting();
    await(left(), [&](auto done) { io.close(left(), std::move(done)); });
    await(left(), [&](auto done) { http.drain(left(), std::move(done)); });
    loops.stop();
    running = false;
}

Standalone::Standalone(StandaloneOptions options) : implementation_(std::make_unique<Implementation>(options)) {}

Standalone::~Standalone() {
    if (implementation_->running) implementation_->close();
}

Server& Standalone::io() {
    return implementation_->io;
}

LoopGroup& Standalone::loops() {
    return implementation_->loops;
}

void Standalone::on_request(HttpRoute route) {
    implementation_->front.on_request(std::move(route));
}

Result<std::uint16_t> Standalone::listen(const std::string& host, std::uint16_t port) {
    TRY(const std::uint16_t bound, implementation_->http.listen(host, port));
    implementation_->running = true;
    implementation_->listen_for_signals();
    load_own_code();
    implementation_->loops.start();
    return bound;
}

void Standalone::wait() {
    if (!implementation_->running) return;
    implementation_->stop.get_future().wait();
    implementation_->close();
}

Result<void> Standalone::run(const std::string& host, std::uint16_t port) {
    TRY([[maybe_unused]] const std::uint16_t bound, listen(host, port));
    wait();
    return {};
}

void Standalone::stop() {
    implementation_->ask_to_stop();
}

}  // namespace parley::socketio
