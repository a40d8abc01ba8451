#include <atomic>

#include "hub.hpp"
#include "namespace_core.hpp"
#include "parley/socketio/socket.hpp"
#include "shard.hpp"

namespace parley::socketio {

void SocketHandle::run(std::function<void(Socket&)> function) const {
    if (shard_) shard_->run(*this, std::move(function));
}

void SocketHandle::emit(std::string_view event, const Arguments& arguments) const {
    run([event = std::string(event), arguments](Socket& socket) { socket.emit(event, arguments); });
}

void SocketHandle::emit_json(std::string_view event, std::string_view arguments_json) const {
    run([event = std::string(event), json = std::string(arguments_json)](Socket& socket) { socket.emit_json(event, json); });
}

void SocketHandle::join(std::string room) const {
    run([room = std::move(room)](Socket& socket) { socket.join(room); });
}

void SocketHandle::leave(std::string room) const {
    run([room = std::move(room)](Socket& socket) { socket.leave(room); });
}

void SocketHandle::disconnect(bool close) const {
    run([close](Socket& socket) { socket.disconnect(close); });
}

// Given to a client, as a packet; or to whoever else has asked.
struct Ack::State {
    SocketHandle socket;
    AckId id = 0;
    Give give;
    std::atomic<bool> given = false;
};

Ack::Ack(SocketHandle socket, AckId id) : state_(std::make_shared<State>()) {
    state_->socket = std::move(socket);
    state_->id = id;
}

Ack::Ack(Give give) : state_(std::make_shared<State>()) {
    state_->give = std::move(give);
}

void Ack::operator()(const Arguments& arguments) const {
    if (!state_ || state_->given.exchange(true)) return;
    if (state_->give) return state_->give(arguments);
    state_->socket.acknowledge(state_->id, arguments);
}

// On the socket's own loop, where most answers are given, nothing is copied.
void SocketHandle::acknowledge(AckId id, const Arguments& arguments) const {
    if (!shard_) return;
    const auto packet = core_->hub().parser().ack(core_->name(), id, arguments);
    if (shard_->loop().is_current()) {
        if (Socket* socket = shard_->find(*this)) socket->send(packet);
        return;
    }
    run([packet](Socket& socket) { socket.send(packet); });
}

}  // namespace parley::socketio
