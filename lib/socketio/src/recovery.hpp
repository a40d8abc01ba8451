// Recovery: what one namespace keeps so that clients can come back: the log of its events, and the sessions of those who are away.
// Threading: the log under the namespace's order; sessions from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "delivery.hpp"
#include "parley/socketio/parser.hpp"
#include "parley/socketio/recovery.hpp"
#include "recovery_log.hpp"
#include "recovery_sessions.hpp"

namespace parley::socketio {

class Recovery {
public:
    // loss_noticed_after: how long a dead connection may go unnoticed.
    Recovery(const RecoveryOptions& options, const Parser& parser, std::chrono::milliseconds loss_noticed_after);

    RecoveryLog& log() { return log_; }
    RecoverySessions& sessions() { return sessions_; }
    const RecoverySessions& sessions() const { return sessions_; }

    // Gives an event its place in the log, and its offset, if there is anybody who could come back for it. Under the order.
    void note(const std::shared_ptr<Delivery>& delivery);
    // Forgets what is too old. Under the order.
    void sweep();

private:
    const Parser& parser_;
    RecoveryLog log_;
    RecoverySessions sessions_;
};

// An event as sockets that can recover get it where it has no place in the log. The stock client takes a text at the end of any event for an offset, so
// that one which is none must not stand there: Null goes behind it. nullopt: it may go out as it is.
std::optional<EncodedPacket> shielded(const Parser& parser, const EncodedPacket& packet);

// The event of a packet of ours, and what it says.
struct EventView {
    std::string name;
    Arguments arguments;
};
EventView read_event(const Parser& parser, const EncodedPacket& packet);

}  // namespace parley::socketio
