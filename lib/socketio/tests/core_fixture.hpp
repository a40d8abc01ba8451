// A Hub with a test's own options on two running loops, and its clients' sessions. The test speaks from its own thread: each function does its part on
// the loop where it belongs, and comes back when it is done.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fake_session.hpp"
#include "parley/socketio/namespace.hpp"

namespace parley::socketio {

using Sent = std::vector<std::string>;

struct Core {
    Core() = default;
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() {
        loops.stop();
        sessions.clear();
        hub.reset();
    }

    // First of all.
    void create(HubOptions options = {}, const AdapterFactory& adapter = {}) {
        hub = std::make_unique<Hub>(loops, std::move(options), adapter);
    }
    // The registering must be over when the first client opens or the first run() is asked for.
    Namespace of(const std::string& name) const {
        NamespaceCore& core = hub->of(name);
        return {core.pointer(), core.own_handlers()};
    }
    Namespace root() const { return of("/"); }
    // A parent of all namespaces whose names begin so.
    ParentNamespace parent(std::string prefix) const {
        return ParentNamespace(
            hub->add_parent([prefix = std::move(prefix)](std::string_view name, const Value&) { return name.starts_with(prefix); }));
    }

    void run(std::size_t loop, const std::function<void()>& function) {
        if (!std::exchange(started, true)) loops.start();
        std::promise<void> done;
        loops[loop].post([&] {
            function();
            done.set_value();
        });
        // generous, but an end: what is quadratic where it must not be does not pass
        if (done.get_future().wait_for(std::chrono::seconds(60)) != std::future_status::ready) std::abort();
    }
    // What was posted before has run, and what that has posted, and so on a few times.
    void settle() {
        for (std::size_t i = 0; i < 4 * loops.size(); ++i) run(i % loops.size(), [] {});
    }
    // Turns the first loop until it is so.
    bool eventually(const std::function<bool()>& is_so) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < end) {
            bool so = false;
            run(0, [&] { so = is_so(); });
            if (so) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }

    // A client that has said `connect`; its answer waits in sent().
    FakeSession& open(std::size_t loop, std::string_view connect = "0", unsigned protocol = 4) {
        run(loop, [&] {
            sessions.push_back(std::make_unique<FakeSession>(loops[loop], *hub, protocol));
            if (!connect.empty()) sessions.back()->receive(connect);
        });
        return *sessions.back();
    }
    // The same, and its answer is taken away.
    FakeSession& enter(std::size_t loop, std::string_view connect = "0") {
        FakeSession& session = open(loop, connect);
        sent(session);
        return session;
    }
    void on(FakeSession& session, const std::function<void()>& function) { run(session.loop().index(), function); }
    void receive(FakeSession& session, std::string_view packet) {
        on(session, [&] { session.receive(packet); });
    }
    void lose(FakeSession& session, engineio::CloseReason reason = engineio::CloseReason::TransportClose) {
        on(session, [&] { session.end(reason); });
    }
    // What it has got since the last time.
    Sent sent(FakeSession& session) {
        settle();
        Sent all;
        on(session, [&] { all = session.take_sent(); });
        return all;
    }
    bool is_open(FakeSession& session) {
        settle();
        bool open = false;
        on(session, [&] { open = session.open(); });
        return open;
    }

    // Of the answer to a CONNECT: 0{"sid":"…"} or 0/nsp,{…}.
    static std::string member(std::string_view answer, std::string_view name) {
        const Value payload = parse_json(answer.substr(std::min(answer.find('{'), answer.size()))).value_or(Value());
        return payload[name].is_string() ? payload[name].as_string() : "";
    }
    static std::string id_of(std::string_view answer) { return member(answer, "sid"); }

    LoopGroup loops{2};
    std::unique_ptr<Hub> hub;
    std::vector<std::unique_ptr<FakeSession>> sessions;
    bool started = false;
};

class CoreTest : public testing::Test, public Core {};

// What a test notes on whichever loop, in order.
template <class T = std::string>
class Notes {
public:
    void add(T note) {
        const std::scoped_lock lock(mutex_);
        notes_.push_back(std::move(note));
    }
    std::vector<T> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(notes_, {});
    }

private:
    std::mutex mutex_;
    std::vector<T> notes_;
};

}  // namespace parley::socketio
