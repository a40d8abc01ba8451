#include "client.hpp"

#include <algorithm>

#include "entrance.hpp"
#include "hub.hpp"
#include "parley/base/log.hpp"
#include "parley/net/http.hpp"
#include "recovery.hpp"
#include "socket_extras.hpp"

namespace parley::socketio {
namespace {

DisconnectReason reason_of(engineio::CloseReason reason) {
    switch (reason) {
        case engineio::CloseReason::TransportClose: return DisconnectReason::TransportClose;
        case engineio::CloseReason::TransportError: return DisconnectReason::TransportError;
        case engineio::CloseReason::ParseError: return DisconnectReason::ParseError;
        case engineio::CloseReason::PingTimeout: return DisconnectReason::PingTimeout;
        case engineio::CloseReason::ForcedClose: return DisconnectReason::ForcedClose;
        case engineio::CloseReason::TooSlow: return DisconnectReason::ForcedClose;
        case engineio::CloseReason::ServerShutdown: return DisconnectReason::ServerShuttingDown;
    }
    return DisconnectReason::TransportClose;
}

// Somebody has decided that this socket ends: there is nothing to come back to.
bool is_final(DisconnectReason reason) {
    return reason == DisconnectReason::ServerNamespaceDisconnect || reason == DisconnectReason::ClientNamespaceDisconnect;
}

// What protocol 4 sends in place of an auth payload.
Value query_object(std::string_view query) {
    Object object;
    for (auto& [name, value] : net::parse_query(query)) object.emplace_back(std::move(name), std::move(value));
    return object;
}

}  // namespace

Client::Client(engineio::Session& session, Hub& hub)
    : session_(session), state_(hub.state(session.loop())), connect_timer_(Timer::call<Client, &Client::on_connect_timeout>, this) {
    connect_timer_.arm(session_.loop().timers(), hub.options().connect_timeout);
    if (protocol() == kOldProtocol) connect(kDefaultNamespace, {});  // its clients say CONNECT to the others only
}

Client::~Client() {
    // on_closed has come, as always but when loops end with sessions open
    for (const auto& entrance : entrances_) entrance->forsake();
    for (std::size_t i = 0; i < sockets_.size(); ++i) sockets_[i].shard_->remove(sockets_[i]);
}

Hub& Client::hub() const {
    return state_.hub;
}

Socket* Client::find(std::string_view nsp) const {
    return sockets_.find([nsp](const Socket& socket) { return socket.nsp() == nsp; });
}

bool Client::is_entering(std::string_view nsp) const {
    return std::ranges::any_of(entrances_, [nsp](const auto& entrance) { return entrance->nsp() == nsp; });
}

// What comes

void Client::on_message(std::string_view message, bool binary) {
    if (closing_) return;
    state_.packets_in.add(1);
    auto packet = reader_.feed(hub().parser(), message, binary, protocol());
    if (!packet) return refuse_packet(packet.error().message);
    if (*packet) return on_packet(**packet);
    const Packet* const awaiting = reader_.awaiting();
    if (awaiting && !find(awaiting->nsp)) refuse_state();  // nothing is collected for who is not connected
}

// socket.io-protocol 5, "Exchange protocol": CONNECT comes once to a namespace; everything else is for a namespace that the client is in. The client's
// packets behind a DISCONNECT of ours are late, but the official server closes the transport then as well.
void Client::on_packet(ReceivedPacket& packet) {
    Socket* const socket = find(packet.nsp);
    if (packet.type == PacketType::Connect) {
        if (socket || is_entering(packet.nsp)) return refuse_state();
        if (packet.json.size() + packet.msgpack.size() > hub().parser().limits().max_auth_bytes) return refuse_packet("auth too large");
        return connect(packet.nsp, protocol() == kOldProtocol ? query_object(packet.query) : packet.payload());
    }
    if (!socket) return refuse_state();
    switch (packet.type) {
        case PacketType::Event: return on_event(*socket, packet);
        case PacketType::Ack:
            if (packet.ack_id) socket->acknowledged(*packet.ack_id, packet.take_arguments());
            return;
        case PacketType::Disconnect: return drop_socket(*socket, DisconnectReason::ClientNamespaceDisconnect);
        default: return refuse_state();
    }
}

// The socket's handlers may close the session, and with it destroy this: nothing may follow the call.
void Client::on_event(Socket& socket, ReceivedPacket& packet) {
    const auto* shared = socket.shared_handlers(packet.event);
    if (!shared && !socket.listens(packet.event)) return;
    Ack ack;
    if (packet.ack_id) ack = Ack(socket.handle(), *packet.ack_id);
    Arguments arguments = packet.take_arguments();
    socket.receive({std::move(packet.event), std::move(arguments)}, std::move(ack), shared);
}

// Entering

void Client::connect(std::string_view nsp, Value auth) {
    if (sockets_.size() + entrances_.size() >= hub().options().max_namespaces_per_client) {
        return send(hub().parser().connect_error(nsp, "too many namespaces", {}, protocol()));
    }
    auto core = hub().enter(nsp, auth);
    if (!core) return send(hub().parser().connect_error(nsp, "Invalid namespace"));
    const auto entrance = std::make_shared<Entrance>(*this, std::move(core), std::move(auth));
    entrances_.push_back(entrance);
    entrance->start();
}

void Client::remove_entrance(const Entrance& entrance) {
    std::erase_if(entrances_, [&](const auto& other) { return other.get() == &entrance; });
    if (entrances_.empty()) std::vector<std::shared_ptr<Entrance>>().swap(entrances_);
}

void Client::admit(Entrance& entrance, std::span<const std::shared_ptr<const Delivery>> missed) {
    const auto keep = entrance.shared_from_this();
    connect_timer_.cancel();
    Socket& socket = sockets_.add(std::move(entrance.socket));
    remove_entrance(entrance);
    std::optional<std::string_view> pid;
    if (const RecoveryState* recovery = socket.recovery()) pid = recovery->pid;
    send(hub().parser().connect(socket.nsp(), socket.id(), pid, protocol()));
    if (!missed.empty()) {
        socket.shard_->undisturbed([&] {
            for (const auto& delivery : missed) socket.deliver(*delivery);
        });
    }
    if (socket.connected()) call_each("connection", socket.shard_->handlers().connection, socket);
}

void Client::refuse_entrance(Entrance& entrance, const ConnectError& error) {
    const auto keep = entrance.shared_from_this();
    remove_entrance(entrance);
    send(hub().parser().connect_error(entrance.nsp(), error.message, error.data, protocol()));
}

void Client::send(const EncodedPacket& packet, bool compress) {
    state_.packets_out.add(1);
    if (packet.binary) return session_.send_binary(packet.text, compress);
    session_.send_text(packet.text, compress);
    for (const std::string& attachment : packet.attachments) session_.send_binary(attachment, compress);
}

// Leaving

void Client::drop_socket(Socket& socket, DisconnectReason reason) {
    socket.finishing(reason);
    std::unique_ptr<Socket> dropped = sockets_.take(socket);
    if (!dropped) return;  // a handler has ended it
    Shard& shard = *socket.shard_;
    socket.park(is_final(reason));
    shard.remove(socket);
    if (!closing_ && sockets_.empty()) connect_timer_.arm(session_.loop().timers(), hub().options().connect_timeout);
    socket.finish(reason);
    Hub& hub = this->hub();
    NamespaceCore& core = shard.core();
    const auto keep = core.pointer();
    shard.retire(std::move(dropped));
    hub.leave(core);
}

void Client::drop_all(DisconnectReason reason) {
    while (!sockets_.empty()) drop_socket(sockets_.back(), reason);
}

void Client::stop_entering() {
    closing_ = true;
    for (const auto& entrance : std::exchange(entrances_, {})) entrance->abandon();
}

void Client::disconnect() {
    stop_entering();
    while (!sockets_.empty()) {
        Socket& socket = sockets_.back();
        send(hub().parser().disconnect(socket.nsp()));
        drop_socket(socket, DisconnectReason::ServerNamespaceDisconnect);
    }
    session_.close(engineio::CloseReason::ForcedClose, net::CloseCode::Normal, "");
}

void Client::be_superseded() {
    stop_entering();
    drop_all(DisconnectReason::TransportClose);
    session_.close(engineio::CloseReason::ForcedClose, net::CloseCode::GoingAway, "connected again");
}

void Client::refuse_packet(std::string_view why) {
    log::debug("session from {} closed: {}", session_.client_address().to_string(), why);
    stop_entering();
    session_.close(engineio::CloseReason::ParseError, net::CloseCode::PolicyViolation, "malformed packet");
}

void Client::refuse_state() {
    stop_entering();
    drop_all(DisconnectReason::ForcedServerClose);
    session_.close(engineio::CloseReason::ForcedClose, net::CloseCode::PolicyViolation, "packet out of order");
}

void Client::on_connect_timeout() {
    stop_entering();
    session_.close(engineio::CloseReason::ForcedClose, net::CloseCode::PolicyViolation, "no namespace joined in time");
}

void Client::on_upgraded() {
    for (std::size_t i = 0; i < sockets_.size(); ++i) sockets_[i].upgraded();
}

void Client::on_closed(engineio::CloseReason reason) {
    stop_entering();
    connect_timer_.cancel();
    drop_all(reason_of(reason));
}

}  // namespace parley::socketio
