#include "parley/socketio/server.hpp"

#include "hub.hpp"

namespace parley::socketio {

// The transport goes first: its sessions' handlers refer to the hub.
struct Server::Implementation {
    Implementation(LoopGroup& loops, const ServerOptions& options)
        : hub(loops, {options.connect_timeout, options.packets}, options.adapter),
          transport(loops, options, [this](engineio::Session& session) { return hub.open(session); }) {}

    Hub hub;
    engineio::Server transport;
};

Server::Server(LoopGroup& loops, ServerOptions options) : implementation_(std::make_unique<Implementation>(loops, options)) {}

Server::~Server() = default;

void Server::on_connection(std::function<void(Socket&)> handler) {
    implementation_->hub.handlers().connection.push_back(std::make_unique<std::function<void(Socket&)>>(std::move(handler)));
}

void Server::on(std::string event, std::function<void(Socket&, Arguments)> handler) {
    on(std::move(event),
       [handler = std::move(handler)](Socket& socket, Arguments arguments, const Ack&) { handler(socket, std::move(arguments)); });
}

void Server::on(std::string event, std::function<void(Socket&, Arguments, Ack)> handler) {
    auto& list = implementation_->hub.handlers().events[std::move(event)];
    list.push_back(std::make_unique<std::function<void(Socket&, Arguments, Ack)>>(std::move(handler)));
}

void Server::on_disconnect(std::function<void(Socket&, DisconnectReason)> handler) {
    auto& list = implementation_->hub.handlers().disconnect;
    list.push_back(std::make_unique<std::function<void(Socket&, DisconnectReason)>>(std::move(handler)));
}

void Server::on_upgrade(std::function<void(Socket&)> handler) {
    implementation_->hub.handlers().upgrade.push_back(std::make_unique<std::function<void(Socket&)>>(std::move(handler)));
}

bool Server::serves(const net::RequestHead& head) const {
    return implementation_->transport.serves(head);
}

std::size_t Server::max_body_bytes(const net::RequestHead& head) const {
    return implementation_->transport.max_body_bytes(head);
}

void Server::handle(net::HttpRequest request, net::Exchange exchange) {
    implementation_->transport.handle(std::move(request), std::move(exchange));
}

net::HttpResponse Server::error(unsigned status, const net::RequestHead& head) const {
    return implementation_->transport.error(status, head);
}

Broadcast Server::everybody() {
    return implementation_->hub.everybody();
}

Broadcast Server::to(std::string room) {
    return everybody().to(std::move(room));
}

void Server::each_in(const std::string& room, const std::function<void(Socket&)>& function) {
    implementation_->hub.each_in(room, function);
}

Broadcast Server::except(std::string room) {
    return everybody().except(std::move(room));
}

void Server::close(std::chrono::milliseconds timeout, std::function<void()> done) {
    implementation_->transport.close(timeout, std::move(done));
}

Server::Counters Server::counters() const {
    Counters counters;
    counters.transport = implementation_->transport.counters();
    counters.sessions = counters.transport.sessions_open;
    counters.closed_too_slow = counters.transport.closed_too_slow;
    counters.sockets = implementation_->hub.sockets();
    counters.packets_in = implementation_->hub.packets_in();
    counters.packets_out = implementation_->hub.packets_out();
    return counters;
}

}  // namespace parley::socketio
