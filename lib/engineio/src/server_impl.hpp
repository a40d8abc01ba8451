// Server::Implementation: where requests go. server.cpp routes and closes; server_sessions.cpp opens, joins and upgrades sessions; server_refusals.cpp
// says no, and tells the program.
// Threading: functions run on the loop of the request that they are given, but for close().
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/engineio/server.hpp"
#include "reply.hpp"
#include "session_impl.hpp"
#include "shard.hpp"

namespace parley::engineio {

enum class Transport : unsigned char { None, Polling, WebSocket };

// A request of the Engine.IO path, as a value that travels.
struct Incoming {
    net::HttpRequest request;
    Reply reply;
    Transport transport = Transport::None;
    std::string sid;        // "": a new session
    unsigned protocol = 0;  // "EIO": 4 or 3; 0 for anything else
    bool base64 = false;    // "b64": no bytes, please (version 3)
    bool jsonp = false;     // "j": the answer as a script
    bool upgrade = false;   // the request asks for WebSocket
    std::size_t loop = 0;   // that got the request
};

using ErrorContext = std::vector<std::pair<std::string, std::string>>;  // ConnectionError::context

// An upgrade on its way: whose it is.
struct Seat {
    std::size_t home;
    std::string sid;
    std::uint32_t ticket;
};

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

    bool joins(Incoming& incoming, SessionImpl* session);
    void answer(Incoming incoming, SessionImpl& session);

    void refuse(Incoming incoming, Refusal refusal, ErrorContext context);
    void refuse(Incoming incoming, const Admission& admission);
    void refuse(Incoming incoming, net::HttpResponse response);
    void refuse_jsonp(Incoming incoming);
    void refuse_from_afar(Incoming incoming, Refusal refusal, ErrorContext context);
    void tell(const Incoming& incoming, Refusal refusal, std::string_view message, ErrorContext context) const;
    bool refuse_origin(Incoming& incoming, const char* what);
    bool crosses_sites(const net::RequestHead& head) const;
    Transport transport_named(std::string_view name) const;
    unsigned oldest_protocol() const { return options.allow_eio3 ? 3 : 4; }
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
    const std::string path;  // without a slash at its end
    const SessionFactory factory;
    std::vector<std::unique_ptr<Shard>> shards;  // each confined to its loop

    std::atomic<bool> closing = false;
    std::atomic<std::size_t> shards_left;
    std::atomic<bool> reported = false;
    std::function<void()> done;                                                               // set before closing starts
    Timer close_timer{Timer::call<Implementation, &Implementation::on_close_timeout>, this};  // of the first loop
};

// Calls `call(SessionImpl*)` on the session's loop; null if there is none.
template <class Call>
void Server::Implementation::with_session(std::size_t home, std::string_view sid, Call call) {
    run_on(home, [this, home, sid = std::string(sid), call = std::move(call)]() mutable { call(shards[home]->find(sid)); });
}

}  // namespace parley::engineio
