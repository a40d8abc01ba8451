#include "realtime/members.hpp"

#include <any>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace parley::realtime {
namespace {

const Credential* credential_of(const socketio::Socket& socket) {
    return static_cast<const Credential*>(socket.identity().get());
}

// "": none.
std::string token_of(const socketio::Socket& socket) {
    const socketio::Value& token = socket.auth()["token"];
    return token.is_string() ? token.as_string() : std::string();
}

constexpr const char* kUser = "user";  // of a socket's data: who it was, for when it comes back

chat::Place place_of(const socketio::Socket& socket) {
    return {.node = 0, .loop = socket.loop().index()};
}

}  // namespace

std::string user_room(chat::UserId user) {
    return "user:" + user.to_hex();
}

// One socket's membership; outlives the socket while a coroutine works on it.
struct Members::Member : boost::intrusive_ref_counter<Member, boost::thread_unsafe_counter> {
    explicit Member(socketio::Socket& of) : socket(&of) {}
    // A token may outlive the longest timer.
    void watch_expiry() {
        const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
        if (identity->expires_at <= now) return socket->disconnect();
        expiry.arm(socket->loop().timers(), identity->expires_at - now);
    }

    socketio::Socket* socket;                                        // null once it has disconnected
    std::shared_ptr<const auth::Identity> identity;                  // null: nobody yet
    bool by_token = false;                                           // auth.token said who it is: it wins over cookies
    bool entered = false;                                            // in its user's room, counted for presence
    Timer expiry{Timer::call<Member, &Member::watch_expiry>, this};  // cancelled when the socket goes
};

Members::Members(socketio::Server& io, auth::Authenticator& authenticator, PresenceHub& presence)
    : io_(io), authenticator_(authenticator), presence_(presence) {
    io_.use([this](socketio::Socket& socket, socketio::Next next) { on_return(socket, std::move(next)); });
    io_.on_connection([this](socketio::Socket& socket) { on_connection(socket); });
    io_.on_upgrade([this](socketio::Socket& socket) { on_upgrade(socket); });
    io_.on_disconnect([this](socketio::Socket& socket, socketio::DisconnectReason) { on_disconnect(socket); });
}

void Members::end_session(const auth::Identity& identity) {
    end_session_in(user_room(identity.user), identity.session);
}

void Members::end_session(const std::string& session) {
    end_session_in("", session);
}

void Members::end_session_in(const std::string& room, const std::string& session) {
    io_.each_in(room, [session](socketio::Socket& socket) {
        const auto* member = std::any_cast<Shared>(&socket.context());
        if (member && (*member)->identity && (*member)->identity->session == session) socket.disconnect();
    });
}

void Members::end_user(chat::UserId user) {
    io_.to(user_room(user)).disconnect_sockets();
}

// What waits for a lost socket is its user's: whoever brings its private id must be logged in as that user.
void Members::on_return(socketio::Socket& socket, socketio::Next next) {
    if (!socket.recovered()) return next();
    socket.loop().spawn(check_return(&socket, std::move(next)));
}

// `next` keeps the socket.
Task<void> Members::check_return(socketio::Socket* socket, socketio::Next next) {
    const bool allowed = co_await may_return(socket);
    if (!allowed) socket->decline_recovery();
    next();
}

Task<bool> Members::may_return(const socketio::Socket* socket) {
    std::string token = token_of(*socket);
    std::optional<auth::Identity> identity;
    if (!token.empty()) {
        auto named = co_await authenticator_.authenticate(std::move(token));
        if (named) identity = *std::move(named);
    }
    const auto credential = std::static_pointer_cast<const Credential>(socket->identity());
    if (!identity && credential) identity = credential->identity;
    const socketio::Value& was = socket->data()[kUser];
    if (!identity) co_return was.is_null();
    if (!(was == socketio::Value(identity->user.to_hex()))) co_return false;
    const auto ended = co_await authenticator_.is_ended(*identity);
    co_return ended && !*ended;
}

void Members::on_connection(socketio::Socket& socket) {
    Shared member(new Member(socket));
    socket.context() = member;
    if (socket.recovered()) socket.leave(kOnlineRoom);  // it counts anew
    if (std::string token = token_of(socket); !token.empty()) {
        socket.loop().spawn(identify_by_token(std::move(member), std::move(token)));
    } else {
        identify_by_credential(member);
    }
}

void Members::on_upgrade(socketio::Socket& socket) {
    if (const auto* member = std::any_cast<Shared>(&socket.context())) identify_by_credential(*member);
}

void Members::on_disconnect(socketio::Socket& socket) {
    const auto* held = std::any_cast<Shared>(&socket.context());
    if (!held) return;
    Member& member = **held;
    member.expiry.cancel();
    member.socket = nullptr;
    if (member.entered) presence_.left(member.identity->user, place_of(socket));
}

Task<void> Members::identify_by_token(Shared member, std::string token) {
    member->by_token = true;  // from now on: a cookie that comes with an upgrade meanwhile must wait
    auto identity = co_await authenticator_.authenticate(std::move(token));
    if (!member->socket) co_return;
    if (!identity && identity.error().code == ErrorCode::Unavailable) {
        member->socket->close_transport(net::CloseCode::TryAgainLater, "storage is not available");
        co_return;
    }
    if (!identity) {
        member->by_token = false;
        identify_by_credential(member);  // a bad token counts as none
        co_return;
    }
    if (const Credential* credential = credential_of(*member->socket)) credential->token_user.set(identity->user);
    become(member, std::make_shared<const auth::Identity>(std::move(*identity)));
}

// At CONNECT, and again when an upgrade has brought a cookie: of the same user (the Gatekeeper sees to that), perhaps of a newer login.
void Members::identify_by_credential(const Shared& member) {
    auto credential = std::static_pointer_cast<const Credential>(member->socket->identity());
    if (member->by_token) return;
    if (!credential || !credential->identity) {
        const bool was_somebody = member->socket->recovered() && !std::as_const(*member->socket).data().is_null();
        if (was_somebody && !member->identity) member->socket->disconnect();  // it is in their rooms
        return;
    }
    if (member->identity && member->identity->session == credential->identity->session) return;
    const auth::Identity* identity = &*credential->identity;
    become(member, std::shared_ptr<const auth::Identity>(std::move(credential), identity));
}

void Members::become(const Shared& member, std::shared_ptr<const auth::Identity> identity) {
    member->identity = std::move(identity);
    if (const Credential* credential = credential_of(*member->socket)) credential->place.reset();
    member->socket->loop().spawn(admit(member));
}

// The login may have been ended since its token was checked. Once a socket has entered end_session() finds it; what ended before that is found by asking
// again.
Task<void> Members::admit(Shared member) {
    const bool live = co_await still_logged_in(member);
    if (!live) co_return;
    enter(*member);
    co_await still_logged_in(member);
}

// False: the socket has gone, perhaps just now and for that reason.
Task<bool> Members::still_logged_in(Shared member) {
    const auto ended = co_await authenticator_.is_ended(*member->identity);
    if (!member->socket) co_return false;
    if (ended && !*ended) co_return true;
    if (ended) {
        member->socket->disconnect();
    } else {
        member->socket->close_transport(net::CloseCode::TryAgainLater, "storage is not available");
    }
    co_return false;
}

void Members::enter(Member& member) {
    socketio::Socket& socket = *member.socket;
    member.watch_expiry();
    if (!member.socket || std::exchange(member.entered, true)) return;
    if (socket.can_recover()) socket.data() = socketio::Object{{kUser, member.identity->user.to_hex()}};
    socket.join(user_room(member.identity->user));
    presence_.joined(member.identity->user, place_of(socket), socket.id());
}

}  // namespace parley::realtime
