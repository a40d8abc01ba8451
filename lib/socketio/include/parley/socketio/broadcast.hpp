// Broadcast: something done to many sockets at once. Says whom it means, then does it, once or several times.
//
//     io.to("lobby").except(socket.id()).emit("joined", name);
//
// Threading: a value, any thread. Order: what one thread emits to one socket, by Broadcast, SocketHandle or Socket, arrives in the order emitted. To
// keep that, sockets on the calling thread's own loop are served within the call, the others by one post to each loop.
// A Broadcast must not outlive its Server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parley/socketio/adapter.hpp"
#include "parley/socketio/arguments.hpp"

namespace parley::socketio {

class Broadcast {
public:
    Broadcast(Adapter& adapter, std::string nsp) : adapter_(&adapter), nsp_(std::move(nsp)) {}

    // Whom: the sockets in any of the rooms (everybody without any) that are in none of the excepted ones. A socket's id is a room as well.
    Broadcast& to(std::string room);
    Broadcast& in(std::string room) { return to(std::move(room)); }
    Broadcast& except(std::string room);

    // Encoded once, whoever and how many the receivers are.
    void emit(std::string_view event, const Arguments& arguments) const;
    // One event whose arguments are JSON already, without the enclosing brackets: emit_json("newMessage", R"({"text":"hi"})").
    void emit_json(std::string_view event, std::string_view arguments_json) const;
    // For state of which only the newest matters: at most one waits per socket and event; a newer replaces one that is not yet being written, counts
    // against no queue limit, and is never overtaken by an older one. It goes out when nothing else waits.
    void emit_latest_json(std::string_view event, std::string_view arguments_json) const;

    // `close`: the transport too, else only this namespace's socket. Both send a DISCONNECT packet: stock clients do not come back by themselves.
    void disconnect_sockets(bool close = false) const;
    void sockets_join(std::string room) const;
    void sockets_leave(std::string room) const;

private:
    Operation operation(Operation::Kind kind) const;

    Adapter* adapter_;
    std::string nsp_;
    std::vector<std::string> rooms_;
    std::vector<std::string> except_;
};

}  // namespace parley::socketio
