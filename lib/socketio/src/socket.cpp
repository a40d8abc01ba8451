#include "parley/socketio/socket.hpp"

#include <algorithm>

#include "client.hpp"
#include "handlers.hpp"
#include "hub.hpp"
#include "parley/async/completion.hpp"
#include "parley/net/http.hpp"
#include "recovery.hpp"
#include "socket_extras.hpp"

namespace parley::socketio {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

// Query parameters that Engine.IO uses for itself.
bool is_protocol_parameter(std::string_view name) {
    return name == "EIO" || name == "transport" || name == "sid" || name == "t" || name == "b64" || name == "j";
}

}  // namespace

Socket::Socket(Client& client, Shard& shard, std::string id, Value auth) : client_(&client), shard_(&shard), id_(std::move(id)) {
    if (!auth.is_null()) extras().auth = std::make_unique<Value>(std::move(auth));
}

Socket::~Socket() = default;

SocketExtras& Socket::extras() {
    if (!extras_) extras_ = std::make_unique<SocketExtras>();
    return *extras_;
}

const RecoveryState* Socket::recovery() const {
    return extras_ ? extras_->recovery.get() : nullptr;
}

const std::string& Socket::nsp() const {
    return shard_->nsp();
}

Loop& Socket::loop() const {
    return shard_->loop();
}

SocketHandle Socket::handle() const {
    SocketHandle handle;
    handle.core_ = shard_->core().pointer();
    handle.shard_ = shard_;
    handle.slot_ = slot_;
    handle.generation_ = generation_;
    return handle;
}

engineio::Session* Socket::session() const {
    return connected_ ? &client_->session() : nullptr;
}

// The handshake

const net::IpAddress& Socket::client_address() const {
    static const net::IpAddress kNone;
    return client_ ? client_->session().client_address() : kNone;
}

bool Socket::secure() const {
    return client_ && client_->session().secure();
}

std::chrono::sys_seconds Socket::issued() const {
    return client_ ? client_->session().opened_at() : std::chrono::sys_seconds();
}

const Query& Socket::query() const {
    static const Query kNone;
    if (query_) return *query_;
    if (!client_) return kNone;
    query_ = std::make_unique<Query>(net::parse_query(client_->session().query()));
    std::erase_if(*query_, [](const auto& parameter) { return is_protocol_parameter(parameter.first); });
    query_->shrink_to_fit();
    return *query_;
}

std::string_view Socket::query(std::string_view name) const {
    const Query& all = query();
    const auto found = std::ranges::find(all, name, &Query::value_type::first);
    return found == all.end() ? std::string_view() : found->second;
}

const net::RequestHead* Socket::request() const {
    return client_ ? client_->session().request_head() : nullptr;
}

const Value& Socket::auth() const {
    static const Value kNull;
    return extras_ && extras_->auth ? *extras_->auth : kNull;
}

const std::shared_ptr<const void>& Socket::identity() const {
    static const std::shared_ptr<const void> kNone;
    return client_ ? client_->session().identity() : kNone;
}

unsigned Socket::protocol() const {
    return client_ ? client_->session().protocol() : 4;
}

bool Socket::on_websocket() const {
    return client_ && client_->session().on_websocket();
}

Value& Socket::data() {
    auto& data = extras().data;
    if (!data) data = std::make_unique<Value>();
    return *data;
}

const Value& Socket::data() const {
    static const Value kNull;
    return extras_ && extras_->data ? *extras_->data : kNull;
}

// Sending

void Socket::emit(std::string_view event, const Arguments& arguments, EmitOptions options) {
    if (session()) send_event(shard_->core().hub().parser().event(nsp(), event, arguments), options);
}

void Socket::emit_json(std::string_view event, std::string_view arguments_json, EmitOptions options) {
    if (session()) send_event(shard_->core().hub().parser().event_json(nsp(), event, arguments_json), options);
}

void Socket::emit(const PreparedEvent& event, EmitOptions options) {
    if (!session()) return;
    const PreparedEvent::Content& content = event.content();
    if (recovery() || !options.compress) return send_event(EncodedPacket(content.packet), options);
    if (options.is_volatile && !session()->writable()) return;
    if (listens_outgoing()) tell_outgoing(content.packet);
    send_all(content.messages);
}

void Socket::emit_latest_json(std::string_view event, std::string_view arguments_json) {
    if (!session()) return;
    Operation operation;
    operation.kind = Operation::Kind::EmitLatest;
    operation.event = event;
    operation.packet = shard_->core().hub().parser().event_json(nsp(), event, arguments_json);
    if (recovery()) return shard_->core().deliver_here(*shard_, std::make_shared<Delivery>(to_me(std::move(operation))));
    deliver(Delivery(std::move(operation)));
}

Operation Socket::to_me(Operation&& operation) const {
    operation.rooms = {id_};
    return operation;
}

// What can be recovered goes through the log, as a broadcast to this socket alone.
void Socket::send_event(EncodedPacket&& packet, EmitOptions options) {
    if (recovery()) {
        Operation operation;
        operation.packet = std::move(packet);
        operation.is_volatile = options.is_volatile;
        operation.compress = options.compress;
        return shard_->core().deliver_here(*shard_, std::make_shared<Delivery>(to_me(std::move(operation))));
    }
    if (options.is_volatile && !session()->writable()) return;
    if (listens_outgoing()) tell_outgoing(packet);
    if (session()) client_->send(packet, options.compress);
}

void Socket::send(const EncodedPacket& packet) {
    if (session()) client_->send(packet);
}

// Whatever comes to this socket through its shard.
void Socket::deliver(const Delivery& delivery) {
    const Operation& operation = delivery.operation;
    if (!session() || (operation.is_volatile && !session()->writable())) return;
    if (listens_outgoing()) tell_outgoing(operation.packet);
    const bool offset = recovery() && !delivery.with_offset.empty();
    const PreparedMessages& messages = offset ? delivery.with_offset : delivery.messages;
    if (operation.kind != Operation::Kind::EmitLatest) return send_all(messages);
    shard_->state().packets_out.add(1);
    if (session()) session()->send_latest(shard_->channel(operation.event), messages.front());
}

// The messages of one packet.
void Socket::send_all(std::span<const engineio::PreparedPacket> messages) {
    shard_->state().packets_out.add(1);
    for (const engineio::PreparedPacket& message : messages) {
        if (engineio::Session* open = session()) open->send(message);
    }
}

// Acknowledgements

void PendingAck::on_timeout() {
    socket_.give_up_ack(id_, {ErrorCode::Timeout, "operation has timed out"});
}

void Socket::emit_with_ack(std::string_view event, const Arguments& arguments, std::chrono::milliseconds timeout, AckHandler done) {
    if (!session()) return guarded("acknowledgement", [&] { done(fail(ErrorCode::Cancelled, "socket has been disconnected")); });
    NamespaceCore& core = shard_->core();
    const AckId id = core.next_ack_id();
    await_ack(id, timeout, std::move(done));
    const EncodedPacket packet = core.hub().parser().event(nsp(), event, arguments, id);
    if (listens_outgoing()) tell_outgoing(packet);
    send(packet);
}

Task<Result<Arguments>> Socket::emit_with_ack(std::string event, Arguments arguments, std::chrono::milliseconds timeout) {
    const auto start = [&](Completer<Result<Arguments>> completer) {
        auto done = [completer = std::move(completer)](Result<Arguments> answer) mutable { completer.complete(std::move(answer)); };
        emit_with_ack(event, arguments, timeout, std::move(done));
    };
    co_return co_await suspend<Result<Arguments>>(start);
}

void Socket::await_ack(AckId id, std::chrono::milliseconds timeout, AckHandler done) {
    auto& acks = extras().acks;
    if (!acks) acks = std::make_unique<PendingAcks>();
    auto pending = std::make_unique<PendingAck>(*this, id, std::move(done));
    if (timeout > kNoTimeout) pending->arm(loop().timers(), timeout);
    acks->emplace(id, std::move(pending));
}

// nullptr: nobody waits for it, or not any more.
std::unique_ptr<PendingAck> Socket::take_ack(AckId id) {
    if (!extras_ || !extras_->acks) return nullptr;
    const auto found = extras_->acks->find(id);
    if (found == extras_->acks->end()) return nullptr;
    auto pending = std::move(found->second);
    extras_->acks->erase(found);
    if (extras_->acks->empty()) extras_->acks.reset();
    return pending;
}

void Socket::acknowledged(AckId id, Arguments arguments) {
    if (const auto pending = take_ack(id)) guarded("acknowledgement", [&] { pending->done(std::move(arguments)); });
}

void Socket::give_up_ack(AckId id, Error error) {
    if (const auto pending = take_ack(id)) guarded("acknowledgement", [&] { pending->done(fail(std::move(error))); });
}

void Socket::give_up_all_acks() {
    while (extras_ && extras_->acks) give_up_ack(extras_->acks->begin()->first, {ErrorCode::Cancelled, "socket has been disconnected"});
}

// Rooms

void Socket::join(std::string_view room) {
    if (!connected_ || room == id_ || !shard_->rooms().join(slot_, room)) return;
    if (recovery()) extras_->recovery->rooms.push_back({.room = std::string(room), .joined_at = shard_->applied()});
}

void Socket::leave(std::string_view room) {
    if (!connected_ || !shard_->rooms().leave(slot_, room)) return;
    if (recovery()) extras_->recovery->leave(room, shard_->applied());
}

std::vector<std::string> Socket::rooms() const {
    if (!connected_) return {};
    const auto names = shard_->rooms().rooms_of(slot_);
    return {names.begin(), names.end()};
}

bool Socket::in_room(std::string_view room) const {
    return connected_ && shard_->rooms().contains(slot_, room);
}

Broadcast Socket::broadcast() const {
    return std::move(Broadcast(shard_->core().pointer()).except(id_));
}

// Ending

void Socket::disconnect(bool close) {
    if (!connected_ || finishing_) return;
    Client& client = *client_;
    if (close) return client.disconnect();
    client.send(shard_->core().hub().parser().disconnect(nsp()));
    client.drop_socket(*this, DisconnectReason::ServerNamespaceDisconnect);
}

void Socket::close_transport(net::CloseCode code, std::string_view reason) {
    if (engineio::Session* open = session()) open->close(engineio::CloseReason::ForcedClose, code, reason);
}

void Socket::finishing(DisconnectReason reason) {
    if (std::exchange(finishing_, true)) return;
    call_each("disconnecting", shard_->handlers().disconnecting, *this, reason);
    if (SocketHandlers* own = own_handlers()) call_own("disconnecting", own->disconnecting, reason);
}

void Socket::finish(DisconnectReason reason) {
    connected_ = false;
    give_up_all_acks();
    call_each("disconnect", shard_->handlers().disconnect, *this, reason);
    if (SocketHandlers* own = own_handlers()) call_own("disconnect", own->disconnect, reason);
    client_ = nullptr;
}

void Socket::decline_recovery() {
    if (!connected_) recovered_ = false;
}

// Leaves behind what its client may come back to.
void Socket::park(bool is_final) {
    if (!recovery()) return;
    RecoverySessions& sessions = shard_->core().recovery()->sessions();
    RecoveryState& state = *extras_->recovery;
    const SocketPlace place = shard_->place_of(*this);
    if (is_final) return sessions.forget(state.pid, place);
    sessions.park({.pid = state.pid,
                   .sid = id_,
                   .rooms = std::move(state.rooms),
                   .data = std::as_const(*this).data(),
                   .connected_at = state.connected_at},
                  place, RecoverySessions::Clock::now());
}

}  // namespace parley::socketio
