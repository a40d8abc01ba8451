// Members: what happens to a socket from its CONNECT to its end: it becomes a member once it is known who it is, joins its rooms and counts for
// presence; until then it is nobody and receives nothing.
// Rooms of a member: `user:<id>` and the room of all who are online.
// A socket that asked for recovery comes back as the member it was, with what it missed, if the same user is still logged in; else as a new socket.
// A member leaves with a DISCONNECT packet when its login ends or its token expires.
// Threading: called on the socket's loop; end_session and end_user on any thread.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <memory>
#include <string>

#include "auth/authenticator.hpp"
#include "parley/socketio/server.hpp"
#include "realtime/credential.hpp"
#include "realtime/presence_hub.hpp"

namespace parley::realtime {

std::string user_room(chat::UserId user);

class Members {
public:
    Members(socketio::Server& io, auth::Authenticator& authenticator, PresenceHub& presence);

    // Disconnects the sockets of one login, or of one user. Of a login whose user is not known, everybody's sockets are looked at.
    void end_session(const auth::Identity& identity);
    void end_session(const std::string& session);
    void end_user(chat::UserId user);

private:
    struct Member;
    void end_session_in(const std::string& room, const std::string& session);
    using Shared = boost::intrusive_ptr<Member>;  // small enough for a socket's std::any

    void on_return(socketio::Socket& socket, socketio::Next next);
    Task<void> check_return(socketio::Socket* socket, socketio::Next next);
    Task<bool> may_return(const socketio::Socket* socket);
    void on_connection(socketio::Socket& socket);
    void on_upgrade(socketio::Socket& socket);
    void on_disconnect(socketio::Socket& socket);

    Task<void> identify_by_token(Shared member, std::string token);
    void identify_by_credential(const Shared& member);
    void become(const Shared& member, std::shared_ptr<const auth::Identity> identity);
    Task<void> admit(Shared member);
    Task<bool> still_logged_in(Shared member);
    void enter(Member& member);

    socketio::Server& io_;
    auth::Authenticator& authenticator_;
    PresenceHub& presence_;
};

}  // namespace parley::realtime
