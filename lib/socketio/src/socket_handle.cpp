#include <atomic>

#include "parley/socketio/socket.hpp"
#include "shard.hpp"

namespace parley::socketio {

void SocketHandle::send(EncodedPacket packet) const {
    if (!shard_) return;
    shard_->run(*this, [packet = std::move(packet)](Socket& socket) { socket.send(packet); });
}

void SocketHandle::emit(std::string_view event, const Arguments& arguments) const {
    if (shard_) send(encode_event(shard_->nsp(), event, arguments));
}

void SocketHandle::emit_json(std::string_view event, std::string_view arguments_json) const {
    if (shard_) send({encode_event_json(shard_->nsp(), event, arguments_json), {}});
}

void SocketHandle::join(std::string room) const {
    if (shard_) shard_->run(*this, [room = std::move(room)](Socket& socket) { socket.join(room); });
}

void SocketHandle::leave(std::string room) const {
    if (shard_) shard_->run(*this, [room = std::move(room)](Socket& socket) { socket.leave(room); });
}

void SocketHandle::disconnect(bool close) const {
    if (shard_) shard_->run(*this, [close](Socket& socket) { socket.disconnect(close); });
}

struct Ack::State {
    SocketHandle socket;
    AckId id;
    std::atomic<bool> given = false;
};

Ack::Ack(SocketHandle socket, AckId id) : state_(std::make_shared<State>(socket, id)) {}

void Ack::operator()(const Arguments& arguments) const {
    if (!state_ || state_->given.exchange(true)) return;
    state_->socket.send(encode_ack(state_->socket.shard_->nsp(), state_->id, arguments));
}

}  // namespace parley::socketio
