// Broadcast: something done to many sockets at once. Says whom it means, then does it, once or several times.
//
//     io.to("lobby").except(socket.id()).emit("joined", name);
//
// Threading: a value, any thread. Order: what one thread emits to one socket, by Broadcast, SocketHandle or Socket, arrives in the order emitted. To
// keep that, sockets on the calling thread's own loop are served within the call, the others by one post to each loop. (Called from within a delivery,
// by an on_any_outgoing handler for one, it is served at once, to some before that delivery; but right after it where recovery is switched on.)
// A Broadcast must not outlive its Server.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parley/async/task.hpp"
#include "parley/socketio/adapter.hpp"
#include "parley/socketio/arguments.hpp"

namespace parley::socketio {

class NamespaceCore;

// An event encoded once, to be emitted many times: io.prepare("tick", state). A value, cheap to copy, for any thread and the sockets of its namespace.
class PreparedEvent {
public:
    struct Content;
    explicit PreparedEvent(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
    const Content& content() const { return *content_; }

private:
    std::shared_ptr<const Content> content_;
};

// What came back from many.
struct Responses {
    std::vector<Arguments> answers;  // in the order they came
    bool complete = true;            // false: someone left, or did not answer in time
};

class Broadcast {
public:
    explicit Broadcast(std::shared_ptr<NamespaceCore> core);
    ~Broadcast();
    Broadcast(const Broadcast&);
    Broadcast(Broadcast&&) noexcept;

    // Whom: the sockets in any of the rooms (everybody without any) that are in none of the excepted ones. A socket's id is a room as well.
    Broadcast& to(std::string room);
    Broadcast& to(const std::vector<std::string>& rooms);
    Broadcast& to(std::initializer_list<std::string> rooms) { return to(std::vector<std::string>(rooms)); }
    Broadcast& in(std::string room) { return to(std::move(room)); }
    Broadcast& except(std::string room);
    Broadcast& except(const std::vector<std::string>& rooms);
    Broadcast& except(std::initializer_list<std::string> rooms) { return except(std::vector<std::string>(rooms)); }
    // Only sockets of this server, where an adapter joins several.
    Broadcast& local();

    // How. Volatile: who cannot take the event at once (its transport is busy, or between two polls) does not get it.
    Broadcast& volatile_();
    Broadcast& compress(bool compress);
    // How long emit_with_ack() waits; 10 s unless said.
    Broadcast& timeout(std::chrono::milliseconds timeout);

    // False: an event would reach nobody now, so that it need not be made. (Whom except() names is not looked at; a crowd of rooms makes it true for others.)
    bool may_reach_anybody() const;

    // Encoded once, whoever and how many the receivers are.
    void emit(std::string_view event, const Arguments& arguments = {}) const;
    void emit(const PreparedEvent& event) const;
    // One event whose arguments are JSON already, without the enclosing brackets: emit_json("newMessage", R"({"text":"hi"})").
    void emit_json(std::string_view event, std::string_view arguments_json) const;
    // For state of which only the newest matters: at most one waits per socket and event; a newer replaces one that is not yet being written, counts
    // against no queue limit, and is never overtaken by an older one. It goes out when nothing else waits.
    void emit_latest_json(std::string_view event, std::string_view arguments_json) const;

    // Every receiver is asked to acknowledge. `done` is called once, on the calling thread's loop (called from elsewhere: on the first loop), when all
    // have answered, or with what there is when a receiver has left or the time is over.
    void emit_with_ack(std::string_view event, const Arguments& arguments, std::function<void(Responses)> done) const;
    Task<Responses> emit_with_ack(std::string event, Arguments arguments) const;  // on a loop

    // What all servers know of these sockets; those that do not answer within the time-out are left out.
    void fetch_sockets(std::function<void(std::vector<RemoteSocket>)> done) const;
    Task<std::vector<RemoteSocket>> fetch_sockets() const;  // on a loop

    // `close`: the transport too, else only this namespace's socket. Both send a DISCONNECT packet: stock clients do not come back by themselves.
    void disconnect_sockets(bool close = false) const;
    void sockets_join(std::string room) const;
    void sockets_leave(std::string room) const;

private:
    Operation operation(Operation::Kind kind) const;
    void publish(Operation&& operation) const;

    std::shared_ptr<NamespaceCore> core_;
    std::vector<std::string> rooms_;
    std::vector<std::string> except_;
    std::chrono::milliseconds timeout_{10'000};
    bool local_ = false;
    bool volatile_flag_ = false;
    bool compress_ = true;
};

}  // namespace parley::socketio
