#include "parley/engineio/server.hpp"

#include <atomic>
#include <utility>
#include <vector>

#include "parley/base/log.hpp"
#include "reply.hpp"
#include "session_id.hpp"
#include "session_impl.hpp"
#include "shard.hpp"

namespace parley::engineio {
namespace {

enum class Transport : unsigned char { None, Polling, WebSocket };

// A request of the Engine.IO path, as a value that travels.
struct Incoming {
    net::HttpRequest request;
    Reply reply;
    Transport transport = Transport::None;
    std::string sid;  // "": a new session
    bool version_4 = false;
    bool upgrade = false;  // the request asks for WebSocket
};

// An upgrade on its way: whose it is.
struct Seat {
    std::size_t home;
    std::string sid;
    std::uint32_t ticket;
};

bool asks_for_websocket(const net::RequestHead& head) {
    return head.headers.lists("Connection", "upgrade") && head.headers.lists("Upgrade", "websocket");
}

HandshakeRequest handshake_request(const net::RequestHead& head, const ServerOptions& options) {
    return {head, net::client_address(head, options.proxies), net::is_https(head, options.proxies)};
}

}  // namespace

struct Server::Implementation {
    Implementation(LoopGroup& loop_group, ServerOptions server_options, SessionFactory session_factory);

    void handle(net::HttpRequest request, net::Exchange exchange);
    void open(Incoming incoming);
    Task<void> open_when_admitted(Incoming incoming);
    void open_admitted(Incoming incoming, Admission admission);

    void join(Incoming incoming);
    void poll_or_post(std::size_t home, Incoming incoming);
    void reserve(std::size_t home, Incoming incoming);
    void upgrade(Incoming incoming, Seat seat, std::shared_ptr<const void> identity);
    Task<void> upgrade_when_admitted(Incoming incoming, Seat seat, std::shared_ptr<const void> current);
    void upgrade_admitted(Incoming incoming, Seat seat, Admission admission, bool asked);
    void release(Seat seat);

    bool refuse_origin(Incoming& incoming, const char* what);
    bool crosses_sites(const net::RequestHead& head) const;
    Transport transport_named(std::string_view name) const;
    std::optional<std::size_t> home_of(std::string_view sid) const;
    void run_on(std::size_t loop, Loop::Function function);
    template <class Call>
    void with_session(std::size_t home, std::string_view sid, Call call);

    void close(std::chrono::milliseconds timeout, std::function<void()> when_done);
    void on_shard_empty();
    void on_close_timeout();
    void report_closed();

    // Constant.
    LoopGroup& loops;
    const ServerOptions options;
    const SessionFactory factory;
    std::vector<std::unique_ptr<Shard>> shards;  // each confined to its loop

    std::atomic<bool> closing = false;
    std::atomic<std::size_t> shards_left;
    std::atomic<bool> reported = false;
    std::function<void()> done;                                                               // set before closing starts
    Timer close_timer{Timer::call<Implementation, &Implementation::on_close_timeout>, this};  // of the first loop
};

Server::Implementation::Implementation(LoopGroup& loop_group, ServerOptions server_options, SessionFactory session_factory)
    : loops(loop_group), options(std::move(server_options)), factory(std::move(session_factory)), shards_left(loop_group.size()) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        shards.push_back(std::make_unique<Shard>(loops[i], options, factory, [this] { on_shard_empty(); }));
    }
}

// Routing

void Server::Implementation::handle(net::HttpRequest request, net::Exchange exchange) {
    Reply reply(std::move(exchange), cors_headers(request, options));
    if (request.method == net::Method::Options) return reply.allow_preflight(request);

    Incoming incoming;
    incoming.transport = transport_named(net::query_parameter(request.query(), "transport").value_or(""));
    incoming.sid = net::query_parameter(request.query(), "sid").value_or("");
    incoming.version_4 = net::query_parameter(request.query(), "EIO") == "4";
    incoming.upgrade = asks_for_websocket(request);
    incoming.request = std::move(request);
    incoming.reply = std::move(reply);
    if (incoming.transport == Transport::None) return incoming.reply.refuse(Refusal::UnknownTransport);
    if (incoming.sid.empty()) return open(std::move(incoming));
    join(std::move(incoming));
}

Transport Server::Implementation::transport_named(std::string_view name) const {
    if (name == "polling" && options.allow_polling) return Transport::Polling;
    if (name == "websocket" && options.allow_websocket) return Transport::WebSocket;
    return Transport::None;
}

// Where the session of that id lives, if it is one of ours.
std::optional<std::size_t> Server::Implementation::home_of(std::string_view sid) const {
    const auto place = place_of_session(sid);
    if (!place || place->node != options.node || place->loop >= shards.size()) return std::nullopt;
    return place->loop;
}

void Server::Implementation::run_on(std::size_t loop, Loop::Function function) {
    if (loops[loop].is_current()) return function();
    loops[loop].post(std::move(function));
}

// Calls `call(SessionImpl*)` on the session's loop; null if there is none.
template <class Call>
void Server::Implementation::with_session(std::size_t home, std::string_view sid, Call call) {
    run_on(home, [this, home, sid = std::string(sid), call = std::move(call)]() mutable { call(shards[home]->find(sid)); });
}

// Origins

// Answers and logs a request that brings cookies from a page that may not use them.
bool Server::Implementation::refuse_origin(Incoming& incoming, const char* what) {
    if (options.origins.judge(incoming.request, options.proxies) != net::OriginVerdict::Foreign) return false;
    const net::Headers& headers = incoming.request.headers;
    log::warn("refused a {} from origin \"{}\": it is neither the host asked for, \"{}\", nor allowed by {}", what, headers.get("Origin"),
              headers.get("Host"), options.origins_setting);
    shards[Loop::current()->index()]->tallies().origins_refused.add();
    incoming.reply.refuse(Refusal::Forbidden);
    return true;
}

bool Server::Implementation::crosses_sites(const net::RequestHead& head) const {
    return head.headers.get("Sec-Fetch-Site") == "cross-site" &&
           options.origins.judge(head, options.proxies) != net::OriginVerdict::Allowed;
}

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

// Closing

void Server::Implementation::close(std::chrono::milliseconds timeout, std::function<void()> when_done) {
    done = std::move(when_done);
    closing.store(true);
    for (std::size_t i = 0; i < shards.size(); ++i) {
        loops[i].post([this, i] { shards[i]->shut_down(); });
    }
    loops[0].post([this, timeout] { close_timer.arm(loops[0].timers(), timeout); });
}

void Server::Implementation::on_shard_empty() {
    if (shards_left.fetch_sub(1) == 1) report_closed();
}

void Server::Implementation::on_close_timeout() {
    for (std::size_t i = 0; i < shards.size(); ++i) {
        loops[i].post([this, i] { shards[i]->cut(); });
    }
    report_closed();
}

void Server::Implementation::report_closed() {
    if (!reported.exchange(true)) done();
}

// The public face

Admission Admission::allow(std::shared_ptr<const void> identity) {
    Admission admission;
    admission.identity = std::move(identity);
    return admission;
}

Admission Admission::refuse(unsigned status, std::string message) {
    return {false, status, std::move(message), nullptr};
}

Server::Server(LoopGroup& loops, ServerOptions options, SessionFactory on_session)
    : implementation_(std::make_unique<Implementation>(loops, std::move(options), std::move(on_session))) {}

Server::~Server() = default;

bool Server::serves(const net::RequestHead& head) const {
    const std::string_view path = implementation_->options.path;
    return head.path() == path || head.path() == path.substr(0, path.size() - 1);
}

std::size_t Server::max_body_bytes(const net::RequestHead&) const {
    return implementation_->options.max_payload;
}

void Server::handle(net::HttpRequest request, net::Exchange exchange) {
    implementation_->handle(std::move(request), std::move(exchange));
}

net::HttpResponse Server::error(unsigned status, const net::RequestHead& head) const {
    net::HttpResponse response;
    response.status = status;
    response.headers = cors_headers(head, implementation_->options);
    return response;
}

void Server::with_session(std::string_view sid, std::move_only_function<void(Session&)> function) {
    const auto home = implementation_->home_of(sid);
    if (!home) return;
    implementation_->loops[*home].post([this, home = *home, sid = std::string(sid), function = std::move(function)]() mutable {
        SessionImpl* const session = implementation_->shards[home]->find(sid);
        if (session && session->is_open()) function(*session);
    });
}

void Server::close(std::chrono::milliseconds timeout, std::function<void()> done) {
    implementation_->close(timeout, std::move(done));
}

const ServerOptions& Server::options() const {
    return implementation_->options;
}

Counters Server::counters() const {
    Counters sum;
    for (const auto& shard : implementation_->shards) {
        const Tallies& tallies = shard->tallies();
        sum.sessions_open += tallies.sessions_open.get();
        sum.sessions_on_websocket += tallies.sessions_on_websocket.get();
        sum.sessions_opened += tallies.sessions_opened.get();
        sum.sessions_moved += tallies.sessions_moved.get();
        sum.messages_in += tallies.messages_in.get();
        sum.messages_out += tallies.messages_out.get();
        sum.closed_too_slow += tallies.closed_too_slow.get();
        sum.closed_ping_timeout += tallies.closed_ping_timeout.get();
        sum.origins_refused += tallies.origins_refused.get();
    }
    return sum;
}

}  // namespace parley::engineio
