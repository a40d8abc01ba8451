#include "parley/net/http_server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>
#include <vector>

#include "connection_table.hpp"
#include "http_connection.hpp"
#include "listener.hpp"
#include "parley/base/log.hpp"

namespace parley::net {
namespace {

constexpr std::size_t kReservedDescriptors = 512;  // for databases, files, and connections that are told 503

// Raises the soft limit of descriptors to the hard one and returns it.
std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (before != limit.rlim_max && ::setrlimit(RLIMIT_NOFILE, &limit) != 0) return before;
    return limit.rlim_cur;
}

std::size_t connection_cap(std::size_t descriptors) {
    const std::size_t half = descriptors / 2;
    return descriptors > kReservedDescriptors ? std::max(descriptors - kReservedDescriptors, half) : half;
}

// The end of a drain: told once, by the last loop to finish or by the timer.
struct Drain {
    Drain(std::size_t loops, std::function<void()> function) : loops_left(loops), done(std::move(function)) {}
    void loop_finished() {
        if (loops_left.fetch_sub(1) == 1) finish();
    }
    void finish() {
        if (!told.exchange(true)) done();
    }

    std::atomic<std::size_t> loops_left;
    std::atomic<bool> told{false};
    std::function<void()> done;
    Timer timer{Timer::call<Drain, &Drain::finish>, this};  // of the first loop
};

}  // namespace

struct HttpServer::Implementation {
    Implementation(LoopGroup& group, HttpHandler& handler, const HttpLimits& limits);
    ~Implementation();

    static void accept(void* table, int fd, const Address& peer) { static_cast<ConnectionTable*>(table)->accept(fd, peer); }

    LoopGroup& loops;
    std::shared_ptr<Admission> admission = std::make_shared<Admission>();
    std::vector<ConnectionTable*> tables;              // a share of each
    std::vector<std::unique_ptr<Listener>> listeners;  // one for each loop
    std::shared_ptr<Drain> drain;
};

HttpServer::Implementation::Implementation(LoopGroup& group, HttpHandler& handler, const HttpLimits& limits) : loops(group) {
    const std::size_t descriptors = raise_descriptor_limit();
    admission->max = limits.max_connections > 0 ? limits.max_connections : connection_cap(descriptors);
    for (std::size_t i = 0; i < loops.size(); ++i) tables.push_back(new ConnectionTable(loops[i], handler, limits, admission));
}

HttpServer::Implementation::~Implementation() {
    if (drain) drain->timer.cancel();
    listeners.clear();
    for (ConnectionTable* table : tables) table->close();
    for (ConnectionTable* table : tables) table->release();
}

HttpServer::HttpServer(LoopGroup& loops, HttpHandler& handler, HttpLimits limits)
    : implementation_(std::make_unique<Implementation>(loops, handler, limits)) {}

HttpServer::~HttpServer() = default;

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port) {
    Implementation& self = *implementation_;
    assert(self.listeners.empty());
    if (port != 0) {
        TRY([[maybe_unused]] const Socket probe, open_listener(host, port, false));
    }
    std::vector<Socket> sockets;
    for (std::size_t i = 0; i < self.loops.size(); ++i) {
        TRY(Socket socket, open_listener(host, port, true));
        port = bound_port(socket.fd());
        sockets.push_back(std::move(socket));
    }
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        Loop& loop = self.loops[i];
        self.listeners.push_back(std::make_unique<Listener>(loop, std::move(sockets[i]), &Implementation::accept, self.tables[i]));
        loop.post([listener = self.listeners.back().get()] { listener->start(); });
    }
    return port;
}

void HttpServer::stop_accepting() {
    for (std::size_t i = 0; i < implementation_->listeners.size(); ++i) {
        implementation_->loops[i].post([listener = implementation_->listeners[i].get()] { listener->stop(); });
    }
}

void HttpServer::drain(std::chrono::milliseconds timeout, std::function<void()> done) {
    Implementation& self = *implementation_;
    auto drain = std::make_shared<Drain>(self.tables.size(), std::move(done));
    self.drain = drain;
    Loop& first = self.loops[0];
    first.post([drain, &first, timeout] { drain->timer.arm(first.timers(), timeout); });
    for (ConnectionTable* table : self.tables) {
        table->loop().post([table, drain] { table->drain([drain] { drain->loop_finished(); }); });
    }
}

HttpCounters HttpServer::counters() const {
    HttpCounters sum;
    for (const ConnectionTable* table : implementation_->tables) {
        const HttpCounters counters = table->counters();
        sum.connections_accepted += counters.connections_accepted;
        sum.connections_refused += counters.connections_refused;
        sum.requests += counters.requests;
        sum.bad_requests += counters.bad_requests;
    }
    sum.connections_open = implementation_->admission->open.load(std::memory_order_relaxed);
    return sum;
}

}  // namespace parley::net
