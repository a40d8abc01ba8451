#include "parley/socketio/socket.hpp"

#include <algorithm>

#include "client.hpp"
#include "handlers.hpp"
#include "parley/net/http.hpp"
#include "shard.hpp"

namespace parley::socketio {
namespace {

// Query parameters that Engine.IO uses for itself.
bool is_protocol_parameter(std::string_view name) {
    return name == "EIO" || name == "transport" || name == "sid" || name == "t" || name == "b64" || name == "j";
}

}  // namespace

Socket::Socket(Client& client, Shard& shard, std::string id, Value auth)
    : client_(&client), shard_(&shard), id_(std::move(id)), auth_(auth.is_null() ? nullptr : std::make_unique<Value>(std::move(auth))) {}

Socket::~Socket() = default;

Loop& Socket::loop() const {
    return shard_->loop();
}

SocketHandle Socket::handle() const {
    SocketHandle handle;
    handle.shard_ = shard_;
    handle.slot_ = slot_;
    handle.generation_ = generation_;
    return handle;
}

engineio::Session* Socket::session() const {
    return connected_ ? &client_->session() : nullptr;
}

const net::IpAddress& Socket::client_address() const {
    static const net::IpAddress kNone;
    return client_ ? client_->session().client_address() : kNone;
}

bool Socket::secure() const {
    return client_ && client_->session().secure();
}

std::string_view Socket::query(std::string_view name) const {
    if (!query_ && client_) {
        query_ = std::make_unique<std::vector<std::pair<std::string, std::string>>>(net::parse_query(client_->session().query()));
        std::erase_if(*query_, [](const auto& parameter) { return is_protocol_parameter(parameter.first); });
    }
    if (!query_) return {};
    const auto found = std::ranges::find(*query_, name, &std::pair<std::string, std::string>::first);
    return found == query_->end() ? std::string_view() : found->second;
}

const Value& Socket::auth() const {
    static const Value kNull;
    return auth_ ? *auth_ : kNull;
}

const std::shared_ptr<const void>& Socket::identity() const {
    static const std::shared_ptr<const void> kNone;
    return client_ ? client_->session().identity() : kNone;
}

bool Socket::on_websocket() const {
    return client_ && client_->session().on_websocket();
}

SocketHandlers& Socket::handlers() {
    if (!handlers_) handlers_ = std::make_unique<SocketHandlers>();
    return *handlers_;
}

void Socket::on(std::string event, std::function<void(Arguments)> handler) {
    on(std::move(event), [handler = std::move(handler)](Arguments arguments, const Ack&) { handler(std::move(arguments)); });
}

void Socket::on(std::string event, std::function<void(Arguments, Ack)> handler) {
    handlers().events.push_back(std::make_unique<SocketHandlers::Event>(std::move(event), std::move(handler)));
}

void Socket::on_any(std::function<void(std::string_view, const Arguments&)> handler) {
    handlers().any.push_back(std::make_unique<std::function<void(std::string_view, const Arguments&)>>(std::move(handler)));
}

void Socket::on_disconnect(std::function<void(DisconnectReason)> handler) {
    handlers().disconnect.push_back(std::make_unique<std::function<void(DisconnectReason)>>(std::move(handler)));
}

void Socket::on_upgrade(std::function<void()> handler) {
    handlers().upgrade.push_back(std::make_unique<std::function<void()>>(std::move(handler)));
}

std::size_t Socket::listeners(std::string_view event) const {
    const auto* shared = shard_->handlers().find(event);
    std::size_t count = shared ? shared->size() : 0;
    if (!handlers_) return count;
    const auto listens = [event](const auto& handler) { return handler->name == event; };
    return count + handlers_->any.size() + static_cast<std::size_t>(std::ranges::count_if(handlers_->events, listens));
}

// The last handler gets the arguments themselves, those before it copies.
void Socket::dispatch(const std::string& event, Arguments arguments, Ack ack) {
    std::size_t left = listeners(event);
    const auto call = [&](auto& function, auto&... first) {
        if (--left == 0) return guarded(event, [&] { function(first..., std::move(arguments), std::move(ack)); });
        guarded(event, [&] { function(first..., arguments, ack); });
    };
    if (handlers_) {
        left -= handlers_->any.size();
        call_each(event, handlers_->any, event, std::as_const(arguments));
    }
    if (const auto* shared = shard_->handlers().find(event)) {
        for (const auto& function : *shared) call(*function, *this);
    }
    for (std::size_t i = 0; left > 0 && i < handlers_->events.size(); ++i) {
        SocketHandlers::Event& handler = *handlers_->events[i];
        if (handler.name == event) call(handler.function);
    }
}

void Socket::upgraded() {
    call_each("upgrade", shard_->handlers().upgrade, *this);
    if (handlers_) call_each("upgrade", handlers_->upgrade);
}

void Socket::finish(DisconnectReason reason) {
    connected_ = false;
    call_each("disconnect", shard_->handlers().disconnect, *this, reason);
    if (handlers_) call_each("disconnect", handlers_->disconnect, reason);
    client_ = nullptr;
}

void Socket::send(const EncodedPacket& packet) {
    if (!session()) return;
    client_->send_text(packet.text);
    for (const std::string& attachment : packet.attachments) {
        if (engineio::Session* open = session()) open->send_binary(attachment);
    }
}

void Socket::emit(std::string_view event, const Arguments& arguments) {
    send(encode_event(shard_->nsp(), event, arguments));
}

void Socket::emit_json(std::string_view event, std::string_view arguments_json) {
    send({encode_event_json(shard_->nsp(), event, arguments_json), {}});
}

void Socket::emit_latest_json(std::string_view event, std::string_view arguments_json) {
    if (!session()) return;
    shard_->counters().packets_out.add(1);
    const std::string text = encode_event_json(shard_->nsp(), event, arguments_json);
    session()->send_latest(shard_->channel(event), engineio::PreparedPacket::text(text));
}

void Socket::join(std::string_view room) {
    if (connected_) shard_->rooms().join(slot_, room);
}

void Socket::leave(std::string_view room) {
    if (connected_) shard_->rooms().leave(slot_, room);
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
    return Broadcast(shard_->adapter(), shard_->nsp()).except(id_);
}

void Socket::disconnect(bool close) {
    if (!connected_) return;
    Client& client = *client_;
    client.send_text(encode_disconnect(shard_->nsp()));
    client.drop_socket(DisconnectReason::ServerNamespaceDisconnect);
    if (close) client.session().close(engineio::CloseReason::ForcedClose, net::CloseCode::Normal, "");
}

void Socket::close_transport(net::CloseCode code, std::string_view reason) {
    if (engineio::Session* open = session()) open->close(engineio::CloseReason::ForcedClose, code, reason);
}

}  // namespace parley::socketio
