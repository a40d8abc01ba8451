// Socket: one client in one namespace, from its CONNECT packet to its disconnection.
// Threading: confined to its loop, on which all its handlers run. From elsewhere use its SocketHandle, or Server::to(socket id).
// Ownership: the library's. A Socket& is valid until the end of the turn in which its on_disconnect handlers have run; after them it does nothing more.
// In a middleware it is valid as long as the Next, and not connected yet: it has no rooms, and what it emits goes nowhere.
// Handlers may throw: what they throw is logged and goes no further.
#pragma once

#include <any>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/async/loop.hpp"
#include "parley/async/task.hpp"
#include "parley/base/result.hpp"
#include "parley/net/address.hpp"
#include "parley/net/http.hpp"
#include "parley/net/websocket.hpp"
#include "parley/socketio/ack.hpp"
#include "parley/socketio/arguments.hpp"
#include "parley/socketio/broadcast.hpp"
#include "parley/socketio/disconnect_reason.hpp"
#include "parley/socketio/middleware.hpp"
#include "parley/socketio/packet.hpp"

namespace parley::engineio {
class Session;
struct PreparedPacket;
}  // namespace parley::engineio

namespace parley::socketio {

class Client;
class Shard;
class PendingAck;
struct Delivery;
struct RecoveryState;
struct SocketExtras;
struct SocketHandlers;

struct EmitOptions {
    bool is_volatile = false;  // not sent at all if the transport cannot take it at once
    bool compress = true;      // where the transport compresses
};

// How to take a handler away again.
using HandlerId = std::uint32_t;

class Socket {
public:
    Socket(Client& client, Shard& shard, std::string id, Value auth);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    const std::string& id() const { return id_; }
    const std::string& nsp() const;
    Loop& loop() const;
    SocketHandle handle() const;

    // The handshake: the request that opened the session, and the CONNECT packet. Gone, but for auth(), once the on_disconnect handlers have run.
    const net::IpAddress& client_address() const;
    bool secure() const;
    std::chrono::sys_seconds issued() const;
    std::string_view query(std::string_view name) const;  // without the protocol's own parameters; "" if absent
    const std::vector<std::pair<std::string, std::string>>& query() const;
    const net::RequestHead* request() const;  // headers and url; nullptr unless ServerOptions::keep_request_head
    const Value& auth() const;                // the CONNECT packet's payload; Null if it had none. Of old clients: its query, an Object
    const std::shared_ptr<const void>& identity() const;  // of the last Admission
    unsigned protocol() const;                            // of Engine.IO: 4, or 3 for old clients

    // The program's own. data() is seen by fetch_sockets() and survives recovery; context() is a thing of this process and this connection.
    Value& data();
    const Value& data() const;
    std::any& context() { return context_; }

    bool connected() const { return connected_; }
    bool recovered() const { return recovered_; }  // its state comes from an earlier connection
    bool can_recover() const { return recovery() != nullptr; }
    // In a middleware of a server that does not skip them: what the earlier connection had is not for whoever comes now. The socket connects anew.
    void decline_recovery();
    bool on_websocket() const;

    // One more handler for an event. A plain handler gives no acknowledgement; one that takes an Ack gives it when it likes. An event without
    // handlers is ignored. Kept in a short list: for many sockets prefer Server::on, which costs a socket nothing.
    HandlerId on(std::string event, std::function<void(Arguments)> handler);
    HandlerId on(std::string event, std::function<void(Arguments, Ack)> handler);
    HandlerId once(std::string event, std::function<void(Arguments)> handler);
    HandlerId once(std::string event, std::function<void(Arguments, Ack)> handler);
    void off(std::string_view event);  // all handlers of the event that on() and once() gave it
    void off(HandlerId handler);       // one of them, or of on_any() and on_any_outgoing(); within a dispatch: it is not called any more
    std::size_t listeners(std::string_view event) const;

    // Of every event that comes, before its handlers; and of every event that goes out to this socket, whoever emits it.
    HandlerId on_any(std::function<void(std::string_view event, const Arguments&)> handler);
    HandlerId prepend_any(std::function<void(std::string_view event, const Arguments&)> handler);
    HandlerId on_any_outgoing(std::function<void(std::string_view event, const Arguments&)> handler);
    HandlerId prepend_any_outgoing(std::function<void(std::string_view event, const Arguments&)> handler);
    void off_any();
    void off_any_outgoing();

    // Sees every event before its handlers and may hold it back.
    void use(EventMiddleware middleware);
    void on_error(std::function<void(std::string_view message)> handler);  // what an EventMiddleware refused

    void on_disconnecting(std::function<void(DisconnectReason)> handler);  // still in its rooms
    void on_disconnect(std::function<void(DisconnectReason)> handler);
    // The session has moved to WebSocket (packet `5` has come). identity() may have changed.
    void on_upgrade(std::function<void()> handler);

    void emit(std::string_view event, const Arguments& arguments = {}, EmitOptions options = {});
    void emit(const PreparedEvent& event, EmitOptions options = {});
    void emit_json(std::string_view event, std::string_view arguments_json, EmitOptions options = {});
    void emit_latest_json(std::string_view event, std::string_view arguments_json);  // see Broadcast
    // The client is asked to acknowledge. `done` is called once, on this loop: with its arguments, or Timeout, or Cancelled when the socket has
    // disconnected. No time-out: as long as the socket lives.
    using AckHandler = std::move_only_function<void(Result<Arguments>)>;
    static constexpr std::chrono::milliseconds kNoTimeout{0};
    void emit_with_ack(std::string_view event, const Arguments& arguments, std::chrono::milliseconds timeout, AckHandler done);
    Task<Result<Arguments>> emit_with_ack(std::string event, Arguments arguments, std::chrono::milliseconds timeout);

    // A socket that has disconnected is in no room. It is in the room that is its id always, without joining.
    void join(std::string_view room);
    void leave(std::string_view room);
    std::vector<std::string> rooms() const;  // without its own id
    bool in_room(std::string_view room) const;
    // To everybody in the room, or everybody at all, but this socket.
    Broadcast to(std::string room) const { return std::move(broadcast().to(std::move(room))); }
    Broadcast in(std::string room) const { return to(std::move(room)); }
    Broadcast except(std::string room) const { return std::move(broadcast().except(std::move(room))); }
    Broadcast local() const { return std::move(broadcast().local()); }
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
    friend struct Entrance;
    friend class PendingAck;
    friend struct EventPassage;

    engineio::Session* session() const;  // nullptr: not connected
    SocketExtras& extras();
    SocketHandlers* own_handlers() const;  // nullptr: it has none
    SocketHandlers& make_handlers();
    const RecoveryState* recovery() const;  // nullptr: it cannot recover

    void send(const EncodedPacket& packet);
    void send_event(EncodedPacket&& packet, EmitOptions options);
    void deliver(const Delivery& delivery);
    void send_all(std::span<const engineio::PreparedPacket> messages);
    Operation to_me(Operation&& operation) const;
    bool listens_outgoing() const;
    void tell_outgoing(const EncodedPacket& packet);

    void await_ack(AckId id, std::chrono::milliseconds timeout, AckHandler done);
    std::unique_ptr<PendingAck> take_ack(AckId id);
    void acknowledged(AckId id, Arguments arguments);
    void give_up_ack(AckId id, Error error);
    void give_up_all_acks();

    using SharedHandlers = std::vector<std::shared_ptr<std::function<void(Socket&, Arguments, Ack)>>>;  // Server::on
    const SharedHandlers* shared_handlers(std::string_view event) const;                                // nullptr: none
    bool listens(std::string_view event) const;                                                         // by handlers of its own
    void receive(IncomingEvent&& event, Ack&& ack, const SharedHandlers* shared);
    void dispatch(IncomingEvent&& event, Ack&& ack, const SharedHandlers* shared);
    void upgraded();
    void finishing(DisconnectReason reason);
    void park(bool is_final);
    void finish(DisconnectReason reason);

    Client* client_;  // nullptr: on_disconnect handlers have run
    Shard* shard_;
    std::string id_;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
    bool connected_ = false;
    bool finishing_ = false;
    bool recovered_ = false;
    std::any context_;
    mutable std::unique_ptr<std::vector<std::pair<std::string, std::string>>> query_;  // nullptr: not asked for yet
    std::unique_ptr<SocketExtras> extras_;                                             // nullptr: nothing that few sockets have
};

}  // namespace parley::socketio
