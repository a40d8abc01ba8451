// Connection state recovery: a client that lost its connection for a while gets its socket back, with its id, rooms and data, and what it missed.
// The client does this by itself (socket.io-client 4.6 and later). It learns a private id when it connects, and sees an offset as one more argument of
// every event; both come back in its next CONNECT packet. Because of that argument it is off unless asked for.
//
// What is kept: events without acknowledgement that were emitted to sockets that can recover, by rooms or directly, but for volatile ones and
// emit_latest_json. A client gets each of them exactly once and in order, or a new session (Socket::recovered() is false) when that cannot be promised:
// when it was away for too long, when more than half of ServerOptions::max_queued_bytes waits for it, when the log has had no room. (What was on its
// way to a room that it has left since comes too, but for the rooms left before the last 32.)
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley::socketio {

struct RecoveryOptions {
    enum class Mode : std::uint8_t {
        Off,
        OnRequest,  // for sockets whose CONNECT auth says {"recover": true}, or names a recoverable session
        Always,     // for all, as the official server does when it is switched on
    };
    Mode mode = Mode::Off;
    // From the loss of the connection. Longer costs memory: that of the sessions, and of all events of that time.
    std::chrono::milliseconds max_disconnection{120'000};
    bool skip_middlewares = true;  // for a socket that comes back
    // Of events kept, per namespace; when it is passed the oldest go, and who needs them gets a new session.
    std::size_t max_log_bytes = 64 * 1024 * 1024;
    std::size_t max_sessions = 100'000;  // of clients that are away, per namespace; beyond it the oldest go
};

}  // namespace parley::socketio
