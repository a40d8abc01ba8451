#include "parley/socketio/server.hpp"

#include <stdexcept>

#include "client_bundle.hpp"
#include "hub.hpp"

namespace parley::socketio {
namespace {

HubOptions hub_options(const ServerOptions& options) {
    return {.connect_timeout = options.connect_timeout,
            .parser = Parser(options.parser, options.packets),
            .recovery = options.recovery,
            .loss_noticed_after = options.ping_interval + options.ping_timeout,
            .cleanup_empty_child_namespaces = options.cleanup_empty_child_namespaces,
            .max_namespaces_per_client = options.max_namespaces_per_client,
            .max_missed_bytes = options.max_queued_bytes / 2};
}

std::optional<ClientBundle> load_bundle(const ServerOptions& options) {
    if (options.client_bundle_folder.empty()) return std::nullopt;
    auto bundle = ClientBundle::load(options.client_bundle_folder, options.path);
    if (!bundle) throw std::invalid_argument("ServerOptions::client_bundle_folder: " + bundle.error().message);
    return *std::move(bundle);
}

}  // namespace

// The transport goes first: its sessions' handlers refer to the hub.
struct Server::Implementation {
    Implementation(LoopGroup& loops, const ServerOptions& options)
        : bundle(load_bundle(options)),
          hub(loops, hub_options(options), options.adapter),
          transport(loops, options, [this](engineio::Session& session) { return hub.open(session); }) {}

    Namespace default_namespace() { return of(hub.default_namespace()); }
    static Namespace of(NamespaceCore& core) { return Namespace(core.pointer(), core.own_handlers()); }

    const std::optional<ClientBundle> bundle;
    Hub hub;
    engineio::Server transport;
};

Server::Server(LoopGroup& loops, ServerOptions options) : implementation_(std::make_unique<Implementation>(loops, options)) {}

Server::~Server() = default;

// Namespaces

Namespace Server::of(std::string name) {
    return Implementation::of(implementation_->hub.of(name));
}

ParentNamespace Server::of(std::regex pattern) {
    return of([pattern = std::move(pattern)](std::string_view name, const Value&) {
        return std::regex_search(name.begin(), name.end(), pattern);
    });
}

ParentNamespace Server::of(std::function<bool(std::string_view name, const Value& auth)> allows) {
    return ParentNamespace(implementation_->hub.add_parent(std::move(allows)));
}

void Server::on_new_namespace(std::function<void(Namespace)> handler) {
    implementation_->hub.on_new_namespace(std::move(handler));
}

// The default namespace

void Server::use(Middleware middleware) {
    implementation_->default_namespace().use(std::move(middleware));
}

void Server::on_connection(std::function<void(Socket&)> handler) {
    implementation_->default_namespace().on_connection(std::move(handler));
}

void Server::on(std::string event, std::function<void(Socket&, Arguments)> handler) {
    implementation_->default_namespace().on(std::move(event), std::move(handler));
}

void Server::on(std::string event, std::function<void(Socket&, Arguments, Ack)> handler) {
    implementation_->default_namespace().on(std::move(event), std::move(handler));
}

void Server::on_disconnecting(std::function<void(Socket&, DisconnectReason)> handler) {
    implementation_->default_namespace().on_disconnecting(std::move(handler));
}

void Server::on_disconnect(std::function<void(Socket&, DisconnectReason)> handler) {
    implementation_->default_namespace().on_disconnect(std::move(handler));
}

void Server::on_upgrade(std::function<void(Socket&)> handler) {
    implementation_->default_namespace().on_upgrade(std::move(handler));
}

void Server::on_server_side(std::string event, std::function<void(Arguments, Ack)> handler) {
    implementation_->default_namespace().on_server_side(std::move(event), std::move(handler));
}

Broadcast Server::everybody() {
    return Broadcast(implementation_->hub.default_namespace().pointer());
}

Broadcast Server::to(std::string room) {
    return std::move(everybody().to(std::move(room)));
}

Broadcast Server::except(std::string room) {
    return std::move(everybody().except(std::move(room)));
}

Broadcast Server::local() {
    return std::move(everybody().local());
}

Broadcast Server::volatile_() {
    return std::move(everybody().volatile_());
}

void Server::emit(std::string_view event, const Arguments& arguments) {
    everybody().emit(event, arguments);
}

PreparedEvent Server::prepare(std::string_view event, const Arguments& arguments) {
    return implementation_->default_namespace().prepare(event, arguments);
}

void Server::server_side_emit(std::string event, Arguments arguments) {
    implementation_->default_namespace().server_side_emit(std::move(event), std::move(arguments));
}

void Server::server_side_emit(std::string event, Arguments arguments, std::chrono::milliseconds timeout,
                              std::function<void(Responses)> done) {
    implementation_->default_namespace().server_side_emit(std::move(event), std::move(arguments), timeout, std::move(done));
}

void Server::each_in(const std::string& room, const std::function<void(Socket&)>& function) {
    implementation_->hub.default_namespace().each_in(room, function);
}

// Requests

bool Server::serves(const net::RequestHead& head) const {
    return implementation_->transport.serves(head) || (implementation_->bundle && implementation_->bundle->serve(head));
}

std::size_t Server::max_body_bytes(const net::RequestHead& head) const {
    return implementation_->transport.max_body_bytes(head);
}

void Server::handle(net::HttpRequest request, net::Exchange exchange) {
    if (const auto& bundle = implementation_->bundle) {
        if (auto file = bundle->serve(request)) return exchange.respond(*std::move(file));
    }
    implementation_->transport.handle(std::move(request), std::move(exchange));
}

net::HttpResponse Server::error(unsigned status, const net::RequestHead& head) const {
    return implementation_->transport.error(status, head);
}

void Server::close(std::chrono::milliseconds timeout, std::function<void()> done) {
    implementation_->transport.close(timeout, std::move(done));
}

Server::Counters Server::counters() const {
    const Hub& hub = implementation_->hub;
    Counters counters;
    counters.transport = implementation_->transport.counters();
    counters.sessions = counters.transport.sessions_open;
    counters.closed_too_slow = counters.transport.closed_too_slow;
    counters.sockets = hub.sockets();
    counters.namespaces = hub.namespaces();
    counters.packets_in = hub.sum(&LoopState::packets_in);
    counters.packets_out = hub.sum(&LoopState::packets_out);
    counters.recovered = hub.sum(&LoopState::recovered);
    return counters;
}

}  // namespace parley::socketio
