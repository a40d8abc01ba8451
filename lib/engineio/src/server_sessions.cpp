// How sessions begin and how requests find them: handshakes, polls and posts, upgrades.
#include "server_impl.hpp"

namespace parley::engineio {
namespace {

HandshakeRequest handshake_request(const net::RequestHead& head, const ServerOptions& options) {
    return {head, net::client_address(head, options.proxies), net::is_https(head, options.proxies)};
}

}  // namespace

// New sessions

void Server::Implementation::open(Incoming incoming) {
    Reply& reply = incoming.reply;
    const bool websocket = incoming.transport == Transport::WebSocket;
    if (incoming.request.method != net::Method::Get) return reply.refuse(Refusal::BadHandshakeMethod);
    if (incoming.upgrade != websocket) return reply.refuse(Refusal::BadRequest);
    if (!incoming.version_4) return reply.refuse(Refusal::UnsupportedVersion);
    if (websocket) {
        if (refuse_origin(incoming, "WebSocket")) return;
        if (auto refusal = net::refuse_websocket(incoming.request)) return reply.refuse(std::move(*refusal));
    }
    if (!options.admit) return open_admitted(std::move(incoming), {});
    Loop::current()->spawn(open_when_admitted(std::move(incoming)));
}

// A hook that throws leaves the exchange unanswered, which answers it with 500.
Task<void> Server::Implementation::open_when_admitted(Incoming incoming) {
    HandshakeRequest request = handshake_request(incoming.request, options);
    Admission admission = co_await options.admit(std::move(request), nullptr);
    open_admitted(std::move(incoming), std::move(admission));
}

void Server::Implementation::open_admitted(Incoming incoming, Admission admission) {
    if (closing.load()) return incoming.reply.refuse(503, Refusal::Forbidden, "The server is shutting down");
    if (!admission.allowed) return incoming.reply.refuse(admission.status, Refusal::Forbidden, admission.message);

    const net::HttpRequest& request = incoming.request;
    Opening opening{net::client_address(request, options.proxies), net::is_https(request, options.proxies), std::string(request.query()),
                    std::move(admission.identity)};
    Shard& shard = *shards[Loop::current()->index()];
    if (incoming.transport == Transport::Polling) {
        shard.create(std::move(opening)).open_on_polling(std::move(incoming.reply));
        return;
    }
    net::DetachedConnection connection = incoming.reply.exchange().detach();
    if (connection.fd < 0) return;  // the client has gone
    shard.create(std::move(opening)).open_on_websocket(std::move(connection), request.headers.get("Sec-WebSocket-Key"));
}

// Requests of existing sessions

void Server::Implementation::join(Incoming incoming) {
    const auto home = home_of(incoming.sid);
    if (!home) return incoming.reply.refuse(Refusal::UnknownSession);
    if (incoming.upgrade && incoming.transport == Transport::WebSocket) {
        if (refuse_origin(incoming, "WebSocket")) return;
        if (auto refusal = net::refuse_websocket(incoming.request)) return incoming.reply.refuse(std::move(*refusal));
        return reserve(*home, std::move(incoming));
    }
    if (incoming.request.method == net::Method::Post) {
        if (refuse_origin(incoming, "POST")) return;
        if (crosses_sites(incoming.request)) return incoming.reply.refuse(Refusal::Forbidden);
    }
    poll_or_post(*home, std::move(incoming));
}

void Server::Implementation::poll_or_post(std::size_t home, Incoming incoming) {
    if (incoming.request.method == net::Method::Get) {
        incoming.reply.exchange().on_abort([this, home, sid = incoming.sid] {
            with_session(home, sid, [](SessionImpl* session) {
                if (session) session->poll_aborted();
            });
        });
    }
    const std::string sid = incoming.sid;
    with_session(home, sid, [incoming = std::move(incoming)](SessionImpl* session) mutable {
        Reply& reply = incoming.reply;
        const net::HttpRequest& request = incoming.request;
        if (!session) return reply.refuse(Refusal::UnknownSession);
        const bool mismatch = incoming.transport != Transport::Polling || incoming.upgrade;
        if (mismatch) return reply.refuse(Refusal::BadRequest);
        if (request.method == net::Method::Get) return session->poll(std::move(reply));
        if (request.method != net::Method::Post) return reply.refuse(Refusal::BadRequest);
        const bool octet_stream = request.headers.get("Content-Type") == "application/octet-stream";
        session->receive(request.body, octet_stream, std::move(reply));
    });
}

// Upgrades: reserved on the session's loop, admitted and detached on the connection's, attached on the session's.

void Server::Implementation::reserve(std::size_t home, Incoming incoming) {
    const std::size_t here = Loop::current()->index();
    const std::string sid = incoming.sid;
    with_session(home, sid, [this, home, here, incoming = std::move(incoming)](SessionImpl* session) mutable {
        if (!session || !session->is_open()) return incoming.reply.refuse(Refusal::UnknownSession);
        const auto ticket = session->reserve_upgrade();
        if (!ticket) return incoming.reply.refuse(Refusal::BadRequest);
        Seat seat{home, incoming.sid, *ticket};
        run_on(here, [this, incoming = std::move(incoming), seat = std::move(seat), identity = session->identity()]() mutable {
            upgrade(std::move(incoming), std::move(seat), std::move(identity));
        });
    });
}

void Server::Implementation::upgrade(Incoming incoming, Seat seat, std::shared_ptr<const void> identity) {
    if (!options.admit) return upgrade_admitted(std::move(incoming), std::move(seat), {}, false);
    Loop::current()->spawn(upgrade_when_admitted(std::move(incoming), std::move(seat), std::move(identity)));
}

// A hook that throws leaves the exchange unanswered (500), and the reservation to its time-out.
Task<void> Server::Implementation::upgrade_when_admitted(Incoming incoming, Seat seat, std::shared_ptr<const void> current) {
    HandshakeRequest request = handshake_request(incoming.request, options);
    Admission admission = co_await options.admit(std::move(request), std::move(current));
    upgrade_admitted(std::move(incoming), std::move(seat), std::move(admission), true);
}

void Server::Implementation::upgrade_admitted(Incoming incoming, Seat seat, Admission admission, bool asked) {
    if (!admission.allowed) {
        incoming.reply.refuse(admission.status, Refusal::Forbidden, admission.message);
        return release(std::move(seat));
    }
    net::DetachedConnection connection = incoming.reply.exchange().detach();
    if (connection.fd < 0) return release(std::move(seat));  // the client has gone
    std::optional<std::shared_ptr<const void>> identity;
    if (asked) identity = std::move(admission.identity);
    std::string key(incoming.request.headers.get("Sec-WebSocket-Key"));
    with_session(seat.home, seat.sid,
                 [ticket = seat.ticket, connection = std::move(connection), key = std::move(key),
                  identity = std::move(identity)](SessionImpl* session) mutable {
                     if (session) session->attach_upgrade(ticket, std::move(connection), key, std::move(identity));
                 });
}

void Server::Implementation::release(Seat seat) {
    with_session(seat.home, seat.sid, [ticket = seat.ticket](SessionImpl* session) {
        if (session) session->release_upgrade(ticket);
    });
}

}  // namespace parley::engineio
