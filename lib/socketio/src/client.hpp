// Client: one Engine.IO session as Socket.IO sees it: decodes its packets, connects and disconnects its socket, and decides what is out of order.
// What the official server does with a client that breaks the protocol is done here too: the transport is closed.
// Threading: confined to the session's loop. Ownership: the session's.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "parley/async/timer.hpp"
#include "parley/engineio/session.hpp"
#include "parley/socketio/packet.hpp"
#include "parley/socketio/socket.hpp"
#include "shard.hpp"

namespace parley::socketio {

// The same for all clients of a server.
struct ClientOptions {
    std::chrono::milliseconds connect_timeout;
    PacketLimits packets;
};

class Client final : public engineio::SessionHandler {
public:
    Client(engineio::Session& session, Shard& shard, const ClientOptions& options);
    ~Client() override;

    void on_message(std::string_view message, bool binary) override;
    void on_upgraded() override;
    void on_closed(engineio::CloseReason reason) override;

    engineio::Session& session() { return session_; }
    void send_text(std::string_view message);

    // Ends the socket's life: its handlers hear `reason`, it is in no room and sends nothing any more.
    void drop_socket(DisconnectReason reason);

private:
    void on_text(std::string_view message);
    void on_attachment(std::string_view message);
    void on_packet(const Packet& packet);
    void on_event(const Packet& packet, Arguments arguments);
    void connect(const Packet& packet);
    void refuse_packet(std::string_view why);
    void refuse_state();
    void on_connect_timeout();

    engineio::Session& session_;
    Shard& shard_;
    const ClientOptions& options_;
    std::unique_ptr<Socket> socket_;                // nullptr: not connected
    std::unique_ptr<AttachmentCollector> pending_;  // nullptr: no packet waits for attachments
    Timer connect_timer_;
    bool closing_ = false;
};

}  // namespace parley::socketio
