#include "realtime/notifier.hpp"

#include "realtime/members.hpp"

namespace parley::realtime {

void Notifier::committed(const chat::Committed& event) {
    const chat::Message& message = event.message;
    const auto receivers = io_.to(user_room(message.receiver));
    if (receivers.may_reach_anybody()) receivers.emit_json("newMessage", dialect_.message_json(message));
    if (message.sender == message.receiver) return;

    auto own_sockets = io_.to(user_room(message.sender));
    if (!own_sockets.may_reach_anybody()) return;
    if (!event.origin.empty()) own_sockets.except(event.origin);
    own_sockets.emit_json("messageSent", dialect_.sent_message_json(message, event.client_id));
}

void Notifier::marked_read(const chat::MarkedRead& event) {
    auto sockets = io_.to(user_room(event.reader));
    if (!sockets.may_reach_anybody()) return;
    if (!event.origin.empty()) sockets.except(event.origin);
    sockets.emit_json("conversationRead", dialect_.read_state_json(event.peer, {event.last_read, event.unread}));
}

}  // namespace parley::realtime
