// A socket's own handlers, and how what comes reaches them.
#include <algorithm>
#include <atomic>

#include "handlers.hpp"
#include "hub.hpp"
#include "parley/socketio/socket.hpp"
#include "recovery.hpp"
#include "socket_extras.hpp"

namespace parley::socketio {

SocketHandlers* Socket::own_handlers() const {
    return extras_ ? extras_->handlers.get() : nullptr;
}

SocketHandlers& Socket::make_handlers() {
    auto& handlers = extras().handlers;
    if (!handlers) handlers = std::make_unique<SocketHandlers>();
    return *handlers;
}

// Adding and removing

HandlerId Socket::on(std::string event, std::function<void(Arguments)> handler) {
    return on(std::move(event), [handler = std::move(handler)](Arguments arguments, const Ack&) { handler(std::move(arguments)); });
}

HandlerId Socket::on(std::string event, std::function<void(Arguments, Ack)> handler) {
    SocketHandlers& own = make_handlers();
    own.events.add(own.next, std::move(event), std::move(handler));
    return own.next++;
}

HandlerId Socket::once(std::string event, std::function<void(Arguments)> handler) {
    return once(std::move(event), [handler = std::move(handler)](Arguments arguments, const Ack&) { handler(std::move(arguments)); });
}

HandlerId Socket::once(std::string event, std::function<void(Arguments, Ack)> handler) {
    SocketHandlers& own = make_handlers();
    own.events.add(own.next, std::move(event), std::move(handler), true);
    return own.next++;
}

void Socket::off(std::string_view event) {
    if (SocketHandlers* own = own_handlers()) own->events.remove_if([event](const auto& entry) { return entry.event == event; });
}

void Socket::off(HandlerId handler) {
    SocketHandlers* const own = own_handlers();
    if (!own) return;
    own->events.remove(handler);
    own->any.remove(handler);
    own->any_outgoing.remove(handler);
}

HandlerId Socket::on_any(std::function<void(std::string_view, const Arguments&)> handler) {
    SocketHandlers& own = make_handlers();
    own.any.add(own.next, "", std::move(handler));
    return own.next++;
}

HandlerId Socket::prepend_any(std::function<void(std::string_view, const Arguments&)> handler) {
    SocketHandlers& own = make_handlers();
    own.any.add(own.next, "", std::move(handler), false, true);
    return own.next++;
}

HandlerId Socket::on_any_outgoing(std::function<void(std::string_view, const Arguments&)> handler) {
    SocketHandlers& own = make_handlers();
    shard_->deliver_by_socket(*this);
    own.any_outgoing.add(own.next, "", std::move(handler));
    return own.next++;
}

HandlerId Socket::prepend_any_outgoing(std::function<void(std::string_view, const Arguments&)> handler) {
    SocketHandlers& own = make_handlers();
    shard_->deliver_by_socket(*this);
    own.any_outgoing.add(own.next, "", std::move(handler), false, true);
    return own.next++;
}

void Socket::off_any() {
    if (SocketHandlers* own = own_handlers()) own->any.remove_if([](const auto&) { return true; });
}

void Socket::off_any_outgoing() {
    if (SocketHandlers* own = own_handlers()) own->any_outgoing.remove_if([](const auto&) { return true; });
}

void Socket::use(EventMiddleware middleware) {
    make_handlers().middlewares.push_back(std::make_shared<EventMiddleware>(std::move(middleware)));
}

void Socket::on_error(std::function<void(std::string_view)> handler) {
    SocketHandlers& own = make_handlers();
    own.error.add(own.next++, "", std::move(handler));
}

void Socket::on_disconnecting(std::function<void(DisconnectReason)> handler) {
    SocketHandlers& own = make_handlers();
    own.disconnecting.add(own.next++, "", std::move(handler));
}

void Socket::on_disconnect(std::function<void(DisconnectReason)> handler) {
    SocketHandlers& own = make_handlers();
    own.disconnect.add(own.next++, "", std::move(handler));
}

void Socket::on_upgrade(std::function<void()> handler) {
    SocketHandlers& own = make_handlers();
    own.upgrade.add(own.next++, "", std::move(handler));
}

// Calling

const Socket::SharedHandlers* Socket::shared_handlers(std::string_view event) const {
    return shard_->handlers().find(event);
}

std::size_t Socket::listeners(std::string_view event) const {
    const auto* shared = shared_handlers(event);
    const SocketHandlers* own = own_handlers();
    return (shared ? shared->size() : 0) + (own ? own->events.count(event) : 0);
}

bool Socket::listens(std::string_view event) const {
    const SocketHandlers* own = own_handlers();
    return own && (!own->any.empty() || !own->middlewares.empty() || own->events.count(event) > 0);
}

void Socket::receive(IncomingEvent&& event, Ack&& ack, const SharedHandlers* shared) {
    const SocketHandlers* own = own_handlers();
    if (!own || own->middlewares.empty()) return dispatch(std::move(event), std::move(ack), shared);
    std::make_shared<EventPassage>(handle(), std::move(event), std::move(ack))->proceed(*this);
}

// The last handler gets the arguments themselves, those before it copies.
void Socket::dispatch(IncomingEvent&& event, Ack&& ack, const SharedHandlers* shared) {
    SocketHandlers* const own = own_handlers();
    if (own) {
        const std::string_view name = event.name;
        call_own(name, own->any, name, std::as_const(event.arguments));
    }
    const auto mine = own ? own->events.all(event.name) : std::vector<std::shared_ptr<OwnHandlers<void(Arguments, Ack)>::Entry>>();
    const std::size_t shared_count = shared ? shared->size() : 0;
    for (std::size_t i = 0; i < shared_count; ++i) {
        auto& function = *(*shared)[i];
        if (i + 1 == shared_count && mine.empty()) {
            return guarded(event.name, [&] { function(*this, std::move(event.arguments), std::move(ack)); });
        }
        guarded(event.name, [&] { function(*this, event.arguments, ack); });
    }
    for (const auto& entry : mine) {
        if (own->events.begin(*entry)) guarded(event.name, [&] { entry->function(event.arguments, ack); });
    }
}

bool Socket::listens_outgoing() const {
    const SocketHandlers* own = own_handlers();
    return own && !own->any_outgoing.empty();
}

void Socket::tell_outgoing(const EncodedPacket& packet) {
    const EventView event = read_event(shard_->core().hub().parser(), packet);
    const std::string_view name = event.name;
    call_own("outgoing", own_handlers()->any_outgoing, name, event.arguments);
}

void Socket::upgraded() {
    call_each("upgrade", shard_->handlers().upgrade, *this);
    if (SocketHandlers* own = own_handlers()) call_own("upgrade", own->upgrade);
}

// An event on its way past the socket's middleware

void EventPassage::proceed(Socket& receiver) {
    const SocketHandlers* own = receiver.own_handlers();
    if (own && next < own->middlewares.size()) {
        const auto middleware = own->middlewares[next++];
        const EventNext answer(std::make_shared<EventNext::State>(shared_from_this()));
        return guarded("event middleware", [&] { (*middleware)(event, answer); });
    }
    receiver.dispatch(std::move(event), std::move(ack), receiver.shared_handlers(event.name));
}

void EventPassage::refuse(Socket& receiver, std::string_view message) {
    if (SocketHandlers* own = receiver.own_handlers()) call_own("error", own->error, message);
}

struct EventNext::State {
    explicit State(std::shared_ptr<EventPassage> waits) : passage(std::move(waits)) {}
    std::shared_ptr<EventPassage> passage;
    std::atomic<bool> given = false;
};

void EventNext::operator()() const {
    if (state_->given.exchange(true)) return;
    state_->passage->socket.run([passage = state_->passage](Socket& socket) { passage->proceed(socket); });
}

void EventNext::refuse(std::string message) const {
    if (state_->given.exchange(true)) return;
    state_->passage->socket.run(
        [passage = state_->passage, message = std::move(message)](Socket& socket) { passage->refuse(socket, message); });
}

}  // namespace parley::socketio
