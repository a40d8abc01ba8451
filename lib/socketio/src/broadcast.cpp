#include "parley/socketio/broadcast.hpp"

namespace parley::socketio {

Broadcast& Broadcast::to(std::string room) {
    rooms_.push_back(std::move(room));
    return *this;
}

Broadcast& Broadcast::except(std::string room) {
    except_.push_back(std::move(room));
    return *this;
}

Operation Broadcast::operation(Operation::Kind kind) const {
    Operation operation;
    operation.kind = kind;
    operation.nsp = nsp_;
    operation.rooms = rooms_;
    operation.except = except_;
    return operation;
}

void Broadcast::emit(std::string_view event, const Arguments& arguments) const {
    Operation emit = operation(Operation::Kind::Emit);
    emit.packet = encode_event(nsp_, event, arguments);
    adapter_->publish(std::move(emit));
}

void Broadcast::emit_json(std::string_view event, std::string_view arguments_json) const {
    Operation emit = operation(Operation::Kind::Emit);
    emit.packet.text = encode_event_json(nsp_, event, arguments_json);
    adapter_->publish(std::move(emit));
}

void Broadcast::emit_latest_json(std::string_view event, std::string_view arguments_json) const {
    Operation emit = operation(Operation::Kind::EmitLatest);
    emit.packet.text = encode_event_json(nsp_, event, arguments_json);
    emit.event = event;
    adapter_->publish(std::move(emit));
}

void Broadcast::disconnect_sockets(bool close) const {
    Operation disconnect = operation(Operation::Kind::Disconnect);
    disconnect.close_transport = close;
    adapter_->publish(std::move(disconnect));
}

void Broadcast::sockets_join(std::string room) const {
    Operation join = operation(Operation::Kind::Join);
    join.room = std::move(room);
    adapter_->publish(std::move(join));
}

void Broadcast::sockets_leave(std::string room) const {
    Operation leave = operation(Operation::Kind::Leave);
    leave.room = std::move(room);
    adapter_->publish(std::move(leave));
}

}  // namespace parley::socketio
