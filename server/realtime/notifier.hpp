// Notifier: announces committed messages to the sockets of those who take part, in commit order: storage calls it from one place, in that order, and
// what one thread emits arrives in the order emitted.
// The receiver's sockets get `newMessage`; the sender's get `messageSent` (the message, and its clientId if it has one), but for the socket that
// the request named as its own. Notes to self are `newMessage`.
// Of a read mark that moved the reader's sockets hear `conversationRead`, but for the one named.
// Threading: called on storage's thread. Must not block: it encodes and posts.
#pragma once

#include <memory>

#include "chat/message_store.hpp"
#include "dialect/dialect.hpp"
#include "parley/socketio/server.hpp"

namespace parley::realtime {

class Notifier : public chat::CommitListener {
public:
    Notifier(socketio::Server& io, const dialect::Dialect& dialect) : io_(io), dialect_(dialect) {}
    void committed(const chat::Committed& event) override;
    void marked_read(const chat::MarkedRead& event) override;

private:
    socketio::Server& io_;
    const dialect::Dialect& dialect_;
};

}  // namespace parley::realtime
