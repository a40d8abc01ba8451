#include "server_impl.hpp"

#include <algorithm>

#include "session_id.hpp"

namespace parley::engineio {
namespace {

using QueryParameter = std::pair<std::string, std::string>;

bool asks_for_websocket(const net::RequestHead& head) {
    return head.headers.lists("Connection", "upgrade") && head.headers.lists("Upgrade", "websocket");
}

std::string without_last_slash(std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return std::string(path);
}

unsigned protocol_named(std::string_view name) {
    return name == "4" ? 4 : name == "3" ? 3 : 0;
}

}  // namespace

Server::Implementation::Implementation(LoopGroup& loop_group, ServerOptions server_options, SessionFactory session_factory)
    : loops(loop_group),
      options(std::move(server_options)),
      path(without_last_slash(options.path)),
      factory(std::move(session_factory)),
      shards_left(loop_group.size()) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        shards.push_back(std::make_unique<Shard>(loops[i], options, factory, [this] { on_shard_empty(); }));
    }
}

// Routing

void Server::Implementation::handle(net::HttpRequest request, net::Exchange exchange) {
    const auto coding = options.http_compression ? choose_coding(request.headers) : ContentCoding::Identity;
    Reply reply(std::move(exchange), cors_headers(request, options), coding);
    if (request.method == net::Method::Options) return reply.allow_preflight(request, options.cors);

    auto parameters = net::parse_query(request.query());
    const auto parameter = [&parameters](std::string_view name) {
        const auto found = std::ranges::find(parameters, name, &QueryParameter::first);
        return found == parameters.end() ? std::nullopt : std::optional(std::move(found->second));
    };
    Incoming incoming;
    std::string transport = parameter("transport").value_or("");
    incoming.transport = transport_named(transport);
    incoming.sid = parameter("sid").value_or("");
    incoming.protocol = protocol_named(parameter("EIO").value_or(""));
    incoming.base64 = !parameter("b64").value_or("").empty();
    incoming.jsonp = parameter("j").has_value();
    incoming.upgrade = asks_for_websocket(request);
    incoming.loop = Loop::current()->index();
    incoming.request = std::move(request);
    incoming.reply = std::move(reply);
    if (incoming.transport == Transport::None) {
        return refuse(std::move(incoming), Refusal::UnknownTransport, {{"transport", std::move(transport)}});
    }
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
    std::string_view path = head.path();
    if (implementation_->options.add_trailing_slash && path.ends_with('/')) path.remove_suffix(1);
    return path == implementation_->path;
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
