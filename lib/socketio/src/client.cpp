#include "client.hpp"

#include "parley/base/encoding.hpp"
#include "parley/base/log.hpp"
#include "parley/base/random.hpp"

namespace parley::socketio {
namespace {

constexpr std::size_t kSocketIdBytes = 15;  // 20 characters

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

}  // namespace

Client::Client(engineio::Session& session, Shard& shard, const ClientOptions& options)
    : session_(session), shard_(shard), options_(options), connect_timer_(Timer::call<Client, &Client::on_connect_timeout>, this) {
    connect_timer_.arm(shard_.loop().timers(), options_.connect_timeout);
}

Client::~Client() {
    if (!socket_) return;  // on_closed has come, as always but when loops end with sessions open
    shard_.remove(*socket_);
}

void Client::on_message(std::string_view message, bool binary) {
    if (closing_) return;
    shard_.counters().packets_in.add(1);
    if (binary) {
        on_attachment(message);
    } else {
        on_text(message);
    }
}

void Client::on_text(std::string_view message) {
    const Result<Packet> packet =
        pending_ ? fail(ErrorCode::Protocol, "text between attachments") : decode_packet(message, options_.packets);
    if (!packet) return refuse_packet(packet.error().message);
    if (packet->attachments > 0) {
        if (!socket_ || packet->nsp != shard_.nsp()) return refuse_state();  // nothing is collected for who is not connected
        pending_ = std::make_unique<AttachmentCollector>(*packet);
    } else {
        on_packet(*packet);
    }
}

void Client::on_attachment(std::string_view message) {
    if (!pending_) return refuse_packet("bytes that belong to no packet");
    if (!pending_->add(message)) return;
    const auto complete = std::exchange(pending_, nullptr);
    Result<Arguments> arguments = complete->finish();
    if (!arguments) return refuse_packet(arguments.error().message);
    if (!socket_ || complete->packet().nsp != shard_.nsp()) return refuse_state();
    if (complete->packet().type == PacketType::BinaryEvent) on_event(complete->packet(), std::move(*arguments));
}

// socket.io-protocol 5, "Exchange protocol": CONNECT comes first and once, to a namespace that exists; everything else is for a namespace that the
// client is in. The client's packets behind a DISCONNECT of ours are late, but the official server closes the transport then as well.
void Client::on_packet(const Packet& packet) {
    const bool known = packet.nsp == shard_.nsp();
    if (packet.type == PacketType::Connect && !known) {
        return send_text(encode_connect_error(packet.nsp, "Invalid namespace"));
    }
    const bool connects = packet.type == PacketType::Connect;
    if (!known || connects == (socket_ != nullptr) || packet.type == PacketType::ConnectError) return refuse_state();
    switch (packet.type) {
        case PacketType::Connect: return connect(packet);
        case PacketType::Disconnect: return drop_socket(DisconnectReason::ClientNamespaceDisconnect);
        case PacketType::Event:
            if (socket_->listeners(packet.event) > 0) on_event(packet, Arguments::from_json(std::string(packet.json)));
            return;
        default: return;  // an acknowledgement that nobody waits for
    }
}

// The socket's handlers may close the session, and with it destroy this: nothing may follow the dispatch.
void Client::on_event(const Packet& packet, Arguments arguments) {
    socket_->dispatch(packet.event, std::move(arguments), packet.ack_id ? Ack(socket_->handle(), *packet.ack_id) : Ack());
}

void Client::connect(const Packet& packet) {
    Value auth;
    if (!packet.json.empty()) auth = *parse_json(packet.json);
    connect_timer_.cancel();
    // Independent of the session's id, which is a secret: other clients may learn this one.
    socket_ = std::make_unique<Socket>(*this, shard_, base64url_encode(random_bytes(kSocketIdBytes)), std::move(auth));
    shard_.add(*socket_);
    Socket& socket = *socket_;
    send_text(encode_connect(shard_.nsp(), socket.id()));
    if (socket.connected()) call_each("connection", socket.shard_->handlers().connection, socket);
}

void Client::send_text(std::string_view message) {
    shard_.counters().packets_out.add(1);
    session_.send_text(message);
}

void Client::drop_socket(DisconnectReason reason) {
    if (!socket_) return;
    std::unique_ptr<Socket> socket = std::move(socket_);
    shard_.remove(*socket);
    if (!closing_) connect_timer_.arm(shard_.loop().timers(), options_.connect_timeout);
    socket->finish(reason);
    Shard& shard = *socket->shard_;
    shard.retire(std::move(socket));
}

void Client::refuse_packet(std::string_view why) {
    log::debug("session from {} closed: {}", session_.client_address().to_string(), why);
    closing_ = true;
    session_.close(engineio::CloseReason::ParseError, net::CloseCode::PolicyViolation, "malformed packet");
}

void Client::refuse_state() {
    closing_ = true;
    drop_socket(DisconnectReason::ForcedServerClose);
    session_.close(engineio::CloseReason::ForcedClose, net::CloseCode::PolicyViolation, "packet out of order");
}

void Client::on_connect_timeout() {
    closing_ = true;
    session_.close(engineio::CloseReason::ForcedClose, net::CloseCode::PolicyViolation, "no namespace joined in time");
}

void Client::on_upgraded() {
    if (socket_) socket_->upgraded();
}

void Client::on_closed(engineio::CloseReason reason) {
    closing_ = true;
    connect_timer_.cancel();
    drop_socket(reason_of(reason));
}

}  // namespace parley::socketio
