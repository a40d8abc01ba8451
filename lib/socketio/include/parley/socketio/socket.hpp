// Socket: one client in one namespace, from its CONNECT packet to its disconnection.
// Threading: confined to its loop, on which all its handlers run. From elsewhere use its SocketHandle, or Server::to(socket id).
// Ownership: the library's. A Socket& is valid until the end of the turn in which its on_disconnect handlers have run; after them it does nothing more.
// Handlers may throw: what they throw is logged and goes no further.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parley/async/loop.hpp"
#include "parley/net/address.hpp"
#include "parley/net/websocket.hpp"
#include "parley/socketio/arguments.hpp"
#include "parley/socketio/broadcast.hpp"
#include "parley/socketio/disconnect_reason.hpp"
#include "parley/socketio/packet.hpp"

namespace parley::engineio {
class Session;
}

namespace parley::socketio {

class Client;
class Shard;
struct SocketHandlers;

// A socket from afar: a small value for any thread. When the socket has gone it does nothing. Must not outlive the Server.
class SocketHandle {
public:
    SocketHandle() = default;

    // On the socket's loop within the call, from elsewhere by posting.
    void emit(std::string_view event, const Arguments& arguments) const;
    void emit_json(std::string_view event, std::string_view arguments_json) const;
    void join(std::string room) const;
    void leave(std::string room) const;
    void disconnect(bool close = false) const;

    friend bool operator==(const SocketHandle&, const SocketHandle&) = default;

private:
    friend class Ack;
    friend class Shard;
    friend class Socket;
    void send(EncodedPacket packet) const;

    Shard* shard_ = nullptr;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
};

// The answer to an event that asked for one. Any thread, any time; only the first call is sent. False: nobody waits for it.
class Ack {
public:
    Ack() = default;
    Ack(SocketHandle socket, AckId id);
    explicit operator bool() const { return state_ != nullptr; }
    void operator()(const Arguments& arguments = {}) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

class Socket {
public:
    Socket(Client& client, Shard& shard, std::string id, Value auth);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    const std::string& id() const { return id_; }
    Loop& loop() const;
    SocketHandle handle() const;

    // The request that opened the session, as far as it is kept. Gone, with identity(), once the on_disconnect handlers have run.
    const net::IpAddress& client_address() const;
    bool secure() const;
    std::string_view query(std::string_view name) const;  // of the first request, without the protocol's own parameters; "" if absent
    const Value& auth() const;                            // the CONNECT packet's payload; Null if it had none
    const std::shared_ptr<const void>& identity() const;  // of the last Admission
    std::any& data() { return data_; }                    // the program's own

    bool connected() const { return connected_; }
    bool on_websocket() const;

    // One more handler for an event. A plain handler gives no acknowledgement; one that takes an Ack gives it when it likes. An event without
    // handlers is ignored. Kept in a short list: for many sockets prefer Server::on, which costs a socket nothing.
    void on(std::string event, std::function<void(Arguments)> handler);
    void on(std::string event, std::function<void(Arguments, Ack)> handler);
    void on_any(std::function<void(std::string_view event, const Arguments&)> handler);  // before the others
    void on_disconnect(std::function<void(DisconnectReason)> handler);
    // The session has moved to WebSocket (packet `5` has come). identity() may have changed.
    void on_upgrade(std::function<void()> handler);

    void emit(std::string_view event, const Arguments& arguments);
    void emit_json(std::string_view event, std::string_view arguments_json);
    void emit_latest_json(std::string_view event, std::string_view arguments_json);  // see Broadcast

    // A socket that has disconnected is in no room.
    void join(std::string_view room);
    void leave(std::string_view room);
    std::vector<std::string> rooms() const;
    bool in_room(std::string_view room) const;
    // To everybody in the room, or everybody at all, but this socket.
    Broadcast to(std::string room) const { return broadcast().to(std::move(room)); }
    Broadcast broadcast() const;

    // A DISCONNECT packet (stock clients do not come back by themselves); with `close` the transport is closed after it. on_disconnect runs within
    // the call.
    void disconnect(bool close = false);
    // Closes the transport without a DISCONNECT packet: stock clients reconnect.
    void close_transport(net::CloseCode code, std::string_view reason);

private:
    friend class Client;
    friend class Shard;
    friend class SocketHandle;

    engineio::Session* session() const;  // nullptr: not connected
    SocketHandlers& handlers();
    void send(const EncodedPacket& packet);
    // How many handlers there are for an event.
    std::size_t listeners(std::string_view event) const;
    void dispatch(const std::string& event, Arguments arguments, Ack ack);
    void upgraded();
    void finish(DisconnectReason reason);

    Client* client_;  // nullptr: on_disconnect handlers have run
    Shard* shard_;
    std::string id_;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
    bool connected_ = true;
    std::any data_;
    std::unique_ptr<Value> auth_;                                                      // nullptr: Null
    std::unique_ptr<SocketHandlers> handlers_;                                         // nullptr: none
    mutable std::unique_ptr<std::vector<std::pair<std::string, std::string>>> query_;  // nullptr: not asked for yet
};

}  // namespace parley::socketio
