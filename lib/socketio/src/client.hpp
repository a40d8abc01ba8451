// Client: one Engine.IO session as Socket.IO sees it: decodes its packets, connects and disconnects its sockets, one in each namespace, and decides what
// is out of order. What the official server does with a client that breaks the protocol is done here too: the transport is closed.
// Threading: confined to the session's loop. Ownership: the session's.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "delivery.hpp"
#include "parley/async/timer.hpp"
#include "parley/engineio/session.hpp"
#include "parley/socketio/parser.hpp"
#include "parley/socketio/socket.hpp"
#include "socket_list.hpp"

namespace parley::socketio {

class Hub;
struct Entrance;
struct LoopState;

class Client final : public engineio::SessionHandler {
public:
    Client(engineio::Session& session, Hub& hub);
    ~Client() override;

    void on_message(std::string_view message, bool binary) override;
    void on_upgraded() override;
    void on_closed(engineio::CloseReason reason) override;

    engineio::Session& session() { return session_; }
    Hub& hub() const;
    unsigned protocol() const { return session_.protocol() == 3 ? kOldProtocol : kProtocol; }
    void send(const EncodedPacket& packet, bool compress = true);

    // What an entrance comes to.
    void admit(Entrance& entrance, std::span<const std::shared_ptr<const Delivery>> missed);
    void refuse_entrance(Entrance& entrance, const ConnectError& error);

    // Ends a socket's life: its handlers hear `reason`, it is in no room and sends nothing any more.
    void drop_socket(Socket& socket, DisconnectReason reason);
    // A DISCONNECT packet to every namespace, then the transport is closed.
    void disconnect();
    // Its own client has come back over another session.
    void be_superseded();

private:
    void on_packet(ReceivedPacket& packet);
    void on_event(Socket& socket, ReceivedPacket& packet);
    void connect(std::string_view nsp, Value auth);
    Socket* find(std::string_view nsp) const;
    bool is_entering(std::string_view nsp) const;
    void remove_entrance(const Entrance& entrance);
    void drop_all(DisconnectReason reason);
    // The session is about to end: nothing comes in, and nobody enters, any more.
    void stop_entering();
    void refuse_packet(std::string_view why);
    void refuse_state();
    void on_connect_timeout();

    engineio::Session& session_;
    LoopState& state_;
    SocketList sockets_;
    std::vector<std::shared_ptr<Entrance>> entrances_;
    PacketReader reader_;
    Timer connect_timer_;
    bool closing_ = false;
};

}  // namespace parley::socketio
