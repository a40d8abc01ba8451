#include "fixture.hpp"

#include <algorithm>
#include <future>

#include "../src/session_id.hpp"

namespace parley::engineio::test {
namespace {

constexpr std::chrono::seconds kPatience{10};

class RecordingHandler final : public SessionHandler {
public:
    RecordingHandler(Session& session, Record& record, const std::function<void(Session&, std::string_view)>& on_message)
        : session_(session), record_(record), on_message_(on_message) {}

    void on_message(std::string_view message, bool binary) override {
        record_.add(session_.id(), (binary ? "binary " : "message ") + std::string(message));
        if (on_message_) return on_message_(session_, message);
        if (!message.starts_with("echo ")) return;
        binary ? session_.send_binary(message.substr(5)) : session_.send_text(message.substr(5));
    }
    void on_upgraded() override { record_.add(session_.id(), "upgraded"); }
    void on_closed(CloseReason reason) override { record_.add(session_.id(), "closed " + std::string(to_string(reason))); }

private:
    Session& session_;
    Record& record_;
    const std::function<void(Session&, std::string_view)>& on_message_;
};

}  // namespace

class EngineTest::Http final : public net::HttpHandler {
public:
    explicit Http(Server& server) : server_(server) {}
    std::size_t max_body_bytes(const net::RequestHead& head) override { return server_.max_body_bytes(head); }
    void handle(net::HttpRequest request, net::Exchange exchange) override {
        if (server_.serves(request)) return server_.handle(std::move(request), std::move(exchange));
        exchange.respond(net::HttpResponse::text(404, "text/plain", "not here"));
    }
    net::HttpResponse error(unsigned status, std::string_view reason, const net::RequestHead* head) override {
        if (head && server_.serves(*head)) return server_.error(status, *head);
        return net::HttpResponse::text(status, "text/plain", std::string(reason));
    }

private:
    Server& server_;
};

std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::TransportClose: return "TransportClose";
        case CloseReason::TransportError: return "TransportError";
        case CloseReason::ParseError: return "ParseError";
        case CloseReason::PingTimeout: return "PingTimeout";
        case CloseReason::ForcedClose: return "ForcedClose";
        case CloseReason::TooSlow: return "TooSlow";
        case CloseReason::ServerShutdown: return "ServerShutdown";
    }
    return "?";
}

std::string sid_in(std::string_view open_packet) {
    constexpr std::string_view kBefore = R"({"sid":")";
    const std::size_t start = open_packet.find(kBefore);
    if (start == std::string_view::npos) return "";
    const std::string_view rest = open_packet.substr(start + kBefore.size());
    return std::string(rest.substr(0, rest.find('"')));
}

void Record::add(const std::string& sid, std::string event) {
    std::lock_guard lock(mutex_);
    events_[sid].push_back(std::move(event));
    changed_.notify_all();
}

std::vector<std::string> Record::of(const std::string& sid) {
    std::lock_guard lock(mutex_);
    return events_[sid];
}

template <class Condition>
bool Record::wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
}

bool Record::wait_for(const std::string& sid, const std::string& event) {
    return wait([&] { return std::ranges::find(events_[sid], event) != events_[sid].end(); });
}

std::vector<std::string> Record::wait_for(const std::string& sid, std::size_t count) {
    wait([&] { return events_[sid].size() >= count; });
    return of(sid);
}

EngineTest::EngineTest() = default;

EngineTest::~EngineTest() {
    if (loops_) loops_->stop();
    listener_.reset();
    http_.reset();
    server_.reset();
}

void EngineTest::start(ServerOptions options, std::size_t loops) {
    loops_ = std::make_unique<LoopGroup>(loops);
    const auto factory = [this](Session& session) { return std::make_unique<RecordingHandler>(session, record_, on_message); };
    server_ = std::make_unique<Server>(*loops_, std::move(options), factory);
    http_ = std::make_unique<Http>(*server_);
    listener_ = std::make_unique<net::HttpServer>(*loops_, *http_);
    port_ = listener_->listen("127.0.0.1", 0).value();
    loops_->start();
}

std::string EngineTest::open_polling(Connection& connection, const std::string& query) {
    return sid_in(connection.request("GET", "/socket.io/?EIO=4&transport=polling" + query).body);
}

std::string EngineTest::open_polling(const std::string& query) {
    Connection connection(port_);
    return open_polling(connection, query);
}

std::string EngineTest::open_websocket(WebSocketClient& client, const std::string& query) {
    client.upgrade("/socket.io/?EIO=4&transport=websocket" + query);
    return sid_in(client.read_text());
}

std::size_t EngineTest::loop_of(const std::string& sid) {
    return place_of_session(sid).value().loop;
}

Connection EngineTest::connection_on(std::size_t loop, bool same) {
    while (true) {
        Connection connection(port_);
        if ((loop_of(open_polling(connection)) == loop) == same) return connection;
    }
}

Answer EngineTest::poll(const std::string& sid) {
    return Connection(port_).request("GET", polling(sid));
}

Answer EngineTest::post(const std::string& sid, std::string_view body, const Fields& fields) {
    return Connection(port_).request("POST", polling(sid), fields, body);
}

void EngineTest::probe(WebSocketClient& client, const std::string& sid) {
    ASSERT_EQ(client.upgrade(websocket(sid)).status, 101);
    client.send_text("2probe");
    ASSERT_EQ(client.read_text(), "3probe");
}

void EngineTest::finish_upgrade(WebSocketClient& client, const std::string& sid) {
    client.send_text("5");
    ASSERT_TRUE(record_.wait_for(sid, "upgraded"));
}

bool EngineTest::with_session(const std::string& sid, std::function<void(Session&)> function) {
    std::promise<bool> promise;
    auto future = promise.get_future();
    bool found = false;
    server_->with_session(sid, [&](Session& session) {
        found = true;
        function(session);
    });
    (*loops_)[loop_of(sid)].post([&] { promise.set_value(found); });
    return future.get();
}

bool EngineTest::is_open(const std::string& sid) {
    return with_session(sid, [](Session&) {});
}

}  // namespace parley::engineio::test
