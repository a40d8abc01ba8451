// How sessions begin and how requests find them: handshakes, polls and posts, upgrades.
#include <algorithm>

#include "server_impl.hpp"

namespace parley::engineio {
namespace {

HandshakeRequest handshake_request(const net::RequestHead& head, const ServerOptions& options) {
    return {head, net::client_address(head, options.proxies), net::is_https(head, options.proxies)};
}

WebSocketRequest websocket_request(const Incoming& incoming) {
    return {std::string(incoming.request.headers.get("Sec-WebSocket-Key")), net::websocket_extensions(incoming.request), incoming.base64};
}

std::string_view name_of(Transport transport) {
    return transport == Transport::WebSocket ? "websocket" : "polling";
}

}  // namespace

// New sessions

void Server::Implementation::open(Incoming incoming) {
    const bool websocket = incoming.transport == Transport::WebSocket;
    if (incoming.request.method != net::Method::Get) {
        std::string method = incoming.request.method_name;
        return refuse(std::move(incoming), Refusal::BadHandshakeMethod, {{"method", std::move(method)}});
    }
    if (incoming.upgrade != websocket) return refuse(std::move(incoming), Refusal::BadRequest, {{"name", "TRANSPORT_HANDSHAKE_ERROR"}});
    if (incoming.protocol < oldest_protocol()) return refuse(std::move(incoming), Refusal::UnsupportedVersion, {{"protocol", "3"}});
    if (incoming.jsonp) return refuse_jsonp(std::move(incoming));
    if (websocket) {
        if (refuse_origin(incoming, "WebSocket")) return;
        if (auto refusal = net::refuse_websocket(incoming.request)) return refuse(std::move(incoming), std::move(*refusal));
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
    if (!admission.allowed) return refuse(std::move(incoming), admission);

    const net::HttpRequest& request = incoming.request;
    Opening opening{.address = net::client_address(request, options.proxies),
                    .secure = net::is_https(request, options.proxies),
                    .protocol = static_cast<std::uint8_t>(incoming.protocol),
                    .base64 = incoming.base64,
                    .query = std::string(request.query()),
                    .identity = std::move(admission.identity),
                    .at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                    .head = options.keep_request_head ? std::make_unique<const net::RequestHead>(request) : nullptr};
    Shard& shard = *shards[Loop::current()->index()];
    if (incoming.transport == Transport::Polling) {
        shard.create(std::move(opening)).open_on_polling(std::move(incoming.reply));
        return;
    }
    net::DetachedConnection connection = incoming.reply.exchange().detach();
    if (connection.fd < 0) return;  // the client has gone
    shard.create(std::move(opening)).open_on_websocket(std::move(connection), websocket_request(incoming));
}

// Requests of existing sessions

void Server::Implementation::join(Incoming incoming) {
    const auto home = home_of(incoming.sid);
    if (!home) {
        std::string sid = incoming.sid;
        return refuse(std::move(incoming), Refusal::UnknownSession, {{"sid", std::move(sid)}});
    }
    if (incoming.upgrade && incoming.transport == Transport::WebSocket) {
        if (refuse_origin(incoming, "WebSocket")) return;
        if (auto refusal = net::refuse_websocket(incoming.request)) return refuse(std::move(incoming), std::move(*refusal));
        return reserve(*home, std::move(incoming));
    }
    if (incoming.request.method == net::Method::Post) {
        if (refuse_origin(incoming, "POST")) return;
        if (crosses_sites(incoming.request)) {
            return refuse(std::move(incoming), Refusal::Forbidden, {{"message", "a request across sites without an allowed origin"}});
        }
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
    with_session(home, sid, [this, incoming = std::move(incoming)](SessionImpl* session) mutable {
        if (joins(incoming, session)) answer(std::move(incoming), *session);
    });
}

void Server::Implementation::answer(Incoming incoming, SessionImpl& session) {
    const net::HttpRequest& request = incoming.request;
    if (request.method == net::Method::Get) return session.poll(std::move(incoming.reply));
    if (request.method != net::Method::Post) return incoming.reply.refuse(Refusal::BadRequest);
    const bool octet_stream = request.headers.get("Content-Type") == "application/octet-stream";
    session.receive(request.body, octet_stream, std::move(incoming.reply));
}

// On the session's loop. False, and the request refused: it is not of this session's kind, or there is none.
bool Server::Implementation::joins(Incoming& incoming, SessionImpl* session) {
    const bool upgrade = incoming.upgrade && incoming.transport == Transport::WebSocket;
    const bool late_post = session && session->takes_posts() && incoming.request.method == net::Method::Post;
    const Transport current = session && session->on_websocket() && !late_post ? Transport::WebSocket : Transport::Polling;
    if (!session) {
        std::string sid = incoming.sid;
        refuse_from_afar(std::move(incoming), Refusal::UnknownSession, {{"sid", std::move(sid)}});
    } else if (!upgrade && (incoming.upgrade || incoming.transport != current)) {
        std::string asked(name_of(incoming.transport));
        refuse_from_afar(
            std::move(incoming), Refusal::BadRequest,
            {{"name", "TRANSPORT_MISMATCH"}, {"transport", std::move(asked)}, {"previousTransport", std::string(name_of(current))}});
    } else if (std::max(incoming.protocol, 3u) != session->protocol()) {  // as the official server: 3 by default
        std::string asked = std::to_string(std::max(incoming.protocol, 3u));
        refuse_from_afar(
            std::move(incoming), Refusal::BadRequest,
            {{"name", "PROTOCOL_MISMATCH"}, {"protocol", std::move(asked)}, {"previousProtocol", std::to_string(session->protocol())}});
    } else {
        return true;
    }
    return false;
}

// Upgrades: reserved on the session's loop, admitted and detached on the connection's, attached on the session's.

void Server::Implementation::reserve(std::size_t home, Incoming incoming) {
    const std::size_t here = Loop::current()->index();
    const std::string sid = incoming.sid;
    with_session(home, sid, [this, home, here, incoming = std::move(incoming)](SessionImpl* session) mutable {
        if (!joins(incoming, session && session->is_open() ? session : nullptr)) return;
        const auto ticket = session->reserve_upgrade();
        if (!ticket) return refuse_from_afar(std::move(incoming), Refusal::BadRequest, {{"name", "UPGRADE_REFUSED"}});
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
        refuse(std::move(incoming), admission);
        return release(std::move(seat));
    }
    net::DetachedConnection connection = incoming.reply.exchange().detach();
    if (connection.fd < 0) return release(std::move(seat));  // the client has gone
    std::optional<std::shared_ptr<const void>> identity;
    if (asked) identity = std::move(admission.identity);
    with_session(seat.home, seat.sid,
                 [ticket = seat.ticket, connection = std::move(connection), request = websocket_request(incoming),
                  identity = std::move(identity)](SessionImpl* session) mutable {
                     if (session) session->attach_upgrade(ticket, std::move(connection), request, std::move(identity));
                 });
}

void Server::Implementation::release(Seat seat) {
    with_session(seat.home, seat.sid, [ticket = seat.ticket](SessionImpl* session) {
        if (session) session->release_upgrade(ticket);
    });
}

}  // namespace parley::engineio
