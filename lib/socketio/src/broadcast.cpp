#include "parley/socketio/broadcast.hpp"

#include <algorithm>

#include "delivery.hpp"
#include "gathering.hpp"
#include "hub.hpp"
#include "namespace_core.hpp"
#include "parley/async/completion.hpp"

namespace parley::socketio {
namespace {

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
    list.insert(list.end(), more.begin(), more.end());
}

Responses responses_of(Gathered gathered) {
    return {std::move(gathered.answers), gathered.complete};
}

// Coroutines with a Broadcast of their own: most are temporaries.
Task<Responses> ask(Broadcast whom, std::string event, Arguments arguments) {
    const auto start = [&](Completer<Responses> completer) {
        const auto shared = std::make_shared<Completer<Responses>>(std::move(completer));
        whom.emit_with_ack(event, arguments, [shared](Responses responses) { shared->complete(std::move(responses)); });
    };
    co_return co_await suspend<Responses>(start);
}

Task<std::vector<RemoteSocket>> fetch(Broadcast whom) {
    using Sockets = std::vector<RemoteSocket>;
    const auto start = [&](Completer<Sockets> completer) {
        const auto shared = std::make_shared<Completer<Sockets>>(std::move(completer));
        whom.fetch_sockets([shared](Sockets sockets) { shared->complete(std::move(sockets)); });
    };
    co_return co_await suspend<Sockets>(start);
}

}  // namespace

Broadcast::Broadcast(std::shared_ptr<NamespaceCore> core) : core_(std::move(core)) {}
Broadcast::~Broadcast() = default;
Broadcast::Broadcast(const Broadcast&) = default;
Broadcast::Broadcast(Broadcast&&) noexcept = default;

Broadcast& Broadcast::to(std::string room) {
    rooms_.push_back(std::move(room));
    return *this;
}

Broadcast& Broadcast::to(const std::vector<std::string>& rooms) {
    append(rooms_, rooms);
    return *this;
}

Broadcast& Broadcast::except(std::string room) {
    except_.push_back(std::move(room));
    return *this;
}

Broadcast& Broadcast::except(const std::vector<std::string>& rooms) {
    append(except_, rooms);
    return *this;
}

Broadcast& Broadcast::local() {
    local_ = true;
    return *this;
}

Broadcast& Broadcast::volatile_() {
    volatile_flag_ = true;
    return *this;
}

Broadcast& Broadcast::compress(bool compress) {
    compress_ = compress;
    return *this;
}

Broadcast& Broadcast::timeout(std::chrono::milliseconds timeout) {
    timeout_ = std::max(timeout, std::chrono::milliseconds(1));
    return *this;
}

Operation Broadcast::operation(Operation::Kind kind) const {
    Operation operation;
    operation.kind = kind;
    operation.nsp = core_->name();
    operation.rooms = rooms_;
    operation.except = except_;
    operation.local = local_;
    operation.is_volatile = volatile_flag_;
    operation.compress = compress_;
    return operation;
}

void Broadcast::publish(Operation&& operation) const {
    core_->hub().adapter().publish(std::move(operation), nullptr);
}

bool Broadcast::may_reach_anybody() const {
    return (!local_ && core_->hub().adapter().servers() > 1) || core_->is_anybody_in(rooms_);
}

// Emitting

void Broadcast::emit(std::string_view event, const Arguments& arguments) const {
    Operation emit = operation(Operation::Kind::Emit);
    emit.packet = core_->hub().parser().event(core_->name(), event, arguments);
    publish(std::move(emit));
}

void Broadcast::emit(const PreparedEvent& event) const {
    Operation emit = operation(Operation::Kind::Emit);
    emit.packet = event.content().packet;
    emit.prepared = event.content().messages;
    publish(std::move(emit));
}

void Broadcast::emit_json(std::string_view event, std::string_view arguments_json) const {
    Operation emit = operation(Operation::Kind::Emit);
    emit.packet = core_->hub().parser().event_json(core_->name(), event, arguments_json);
    publish(std::move(emit));
}

void Broadcast::emit_latest_json(std::string_view event, std::string_view arguments_json) const {
    Operation emit = operation(Operation::Kind::EmitLatest);
    emit.packet = core_->hub().parser().event_json(core_->name(), event, arguments_json);
    emit.event = event;
    publish(std::move(emit));
}

// Asking

void Broadcast::emit_with_ack(std::string_view event, const Arguments& arguments, std::function<void(Responses)> done) const {
    Hub& hub = core_->hub();
    Operation ask = operation(Operation::Kind::EmitWithAck);
    ask.timeout = timeout_;
    ask.event = event;
    ask.arguments = arguments;
    auto tell = [done = std::move(done)](Gathered gathered) { done(responses_of(std::move(gathered))); };
    const std::size_t servers = local_ ? 1 : hub.adapter().servers();
    hub.adapter().publish(std::move(ask), Gathering::start(hub, servers, timeout_, std::move(tell)));
}

Task<Responses> Broadcast::emit_with_ack(std::string event, Arguments arguments) const {
    return ask(*this, std::move(event), std::move(arguments));
}

void Broadcast::fetch_sockets(std::function<void(std::vector<RemoteSocket>)> done) const {
    Hub& hub = core_->hub();
    auto tell = [done = std::move(done)](Gathered gathered) { done(std::move(gathered.sockets)); };
    const std::size_t servers = local_ ? 1 : hub.adapter().servers();
    hub.adapter().publish(operation(Operation::Kind::FetchSockets), Gathering::start(hub, servers, timeout_, std::move(tell)));
}

Task<std::vector<RemoteSocket>> Broadcast::fetch_sockets() const {
    return fetch(*this);
}

// Acting

void Broadcast::disconnect_sockets(bool close) const {
    Operation disconnect = operation(Operation::Kind::Disconnect);
    disconnect.close_transport = close;
    publish(std::move(disconnect));
}

void Broadcast::sockets_join(std::string room) const {
    Operation join = operation(Operation::Kind::Join);
    join.room = std::move(room);
    publish(std::move(join));
}

void Broadcast::sockets_leave(std::string room) const {
    Operation leave = operation(Operation::Kind::Leave);
    leave.room = std::move(room);
    publish(std::move(leave));
}

}  // namespace parley::socketio
