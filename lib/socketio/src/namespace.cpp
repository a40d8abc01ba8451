#include "parley/socketio/namespace.hpp"

#include "delivery.hpp"
#include "gathering.hpp"
#include "hub.hpp"
#include "namespace_core.hpp"

namespace parley::socketio {

// Setup

void NamespaceSetup::use(Middleware middleware) {
    handlers_->middlewares.push_back(std::make_shared<Middleware>(std::move(middleware)));
}

void NamespaceSetup::on_connection(std::function<void(Socket&)> handler) {
    add_handler(handlers_->connection, std::move(handler));
}

void NamespaceSetup::on(std::string event, std::function<void(Socket&, Arguments)> handler) {
    on(std::move(event),
       [handler = std::move(handler)](Socket& socket, Arguments arguments, const Ack&) { handler(socket, std::move(arguments)); });
}

void NamespaceSetup::on(std::string event, std::function<void(Socket&, Arguments, Ack)> handler) {
    add_handler(handlers_->events[std::move(event)], std::move(handler));
}

void NamespaceSetup::on_disconnecting(std::function<void(Socket&, DisconnectReason)> handler) {
    add_handler(handlers_->disconnecting, std::move(handler));
}

void NamespaceSetup::on_disconnect(std::function<void(Socket&, DisconnectReason)> handler) {
    add_handler(handlers_->disconnect, std::move(handler));
}

void NamespaceSetup::on_upgrade(std::function<void(Socket&)> handler) {
    add_handler(handlers_->upgrade, std::move(handler));
}

void NamespaceSetup::on_server_side(std::string event, std::function<void(Arguments, Ack)> handler) {
    add_handler(handlers_->server_side[std::move(event)], std::move(handler));
}

// Use

Namespace::Namespace(std::shared_ptr<NamespaceCore> core, NamespaceHandlers& handlers) : NamespaceSetup(handlers), core_(std::move(core)) {}

const std::string& Namespace::name() const {
    return core_->name();
}

Broadcast Namespace::everybody() const {
    return Broadcast(core_);
}

Broadcast Namespace::to(std::string room) const {
    return std::move(everybody().to(std::move(room)));
}

Broadcast Namespace::except(std::string room) const {
    return std::move(everybody().except(std::move(room)));
}

Broadcast Namespace::local() const {
    return std::move(everybody().local());
}

Broadcast Namespace::volatile_() const {
    return std::move(everybody().volatile_());
}

void Namespace::emit(std::string_view event, const Arguments& arguments) const {
    everybody().emit(event, arguments);
}

PreparedEvent Namespace::prepare(std::string_view event, const Arguments& arguments) const {
    auto content = std::make_shared<PreparedEvent::Content>();
    content->packet = core_->hub().parser().event(core_->name(), event, arguments);
    content->messages = prepare_messages(content->packet, true);
    return PreparedEvent(std::move(content));
}

void Namespace::server_side_emit(std::string event, Arguments arguments) const {
    Operation emit;
    emit.kind = Operation::Kind::ServerSideEmit;
    emit.nsp = core_->name();
    emit.event = std::move(event);
    emit.arguments = std::move(arguments);
    core_->hub().adapter().publish(std::move(emit), nullptr);
}

void Namespace::server_side_emit(std::string event, Arguments arguments, std::chrono::milliseconds timeout,
                                 std::function<void(Responses)> done) const {
    Hub& hub = core_->hub();
    Operation emit;
    emit.kind = Operation::Kind::ServerSideEmit;
    emit.nsp = core_->name();
    emit.event = std::move(event);
    emit.arguments = std::move(arguments);
    auto tell = [done = std::move(done)](Gathered gathered) { done({std::move(gathered.answers), gathered.complete}); };
    const std::size_t others = hub.adapter().servers() - 1;
    hub.adapter().publish(std::move(emit), Gathering::start(hub, others, timeout, std::move(tell)));
}

void Namespace::each_in(const std::string& room, const std::function<void(Socket&)>& function) const {
    core_->each_in(room, function);
}

std::uint64_t Namespace::sockets() const {
    return core_->sockets();
}

}  // namespace parley::socketio
