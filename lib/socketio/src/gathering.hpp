// Gathering: waits for the answers to an Operation: until all are there, or the time is over. Then it tells, once, on its home loop: the calling thread's
// own, or the first one.
// Threading: any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "parley/async/loop.hpp"
#include "parley/async/timer.hpp"
#include "parley/socketio/adapter.hpp"
#include "parley/socketio/broadcast.hpp"

namespace parley::socketio {

class Hub;

struct Gathered {
    std::vector<Arguments> answers;
    std::vector<RemoteSocket> sockets;
    bool complete = true;
};

class Gathering final : public AnswerSink, public std::enable_shared_from_this<Gathering> {
public:
    using Done = std::function<void(Gathered)>;

    // Those of one loop that wait for their time-out. Destroyed before the loop.
    using Kept = std::unordered_set<std::shared_ptr<Gathering>>;

    // servers: how many will say server_done(); 0: it is over at once.
    static std::shared_ptr<Gathering> start(Hub& hub, std::size_t servers, std::chrono::milliseconds timeout, Done done);
    Gathering(Loop& home, Kept& kept, std::size_t servers, Done done)
        : home_(home), kept_(kept), done_(std::move(done)), servers_left_(servers) {}

    void acknowledged(Arguments arguments) override;
    void sockets(std::vector<RemoteSocket> sockets) override;
    void expects(std::ptrdiff_t acknowledgements) override;
    void server_done() override;

private:
    void arm(std::chrono::milliseconds timeout);
    void on_timeout();
    bool is_complete() const { return servers_left_ == 0 && acknowledgements_left_ <= 0; }
    void finish_if_complete(std::unique_lock<std::mutex> lock);
    void finish(std::unique_lock<std::mutex> lock);

    Loop& home_;
    Kept& kept_;  // home loop
    std::mutex mutex_;
    Done done_;  // guarded by mutex_, as are the following; nullptr: it has been told
    Gathered gathered_;
    std::size_t servers_left_;
    std::ptrdiff_t acknowledgements_left_ = 0;
    Timer timer_{Timer::call<Gathering, &Gathering::on_timeout>, this};  // home loop
};

}  // namespace parley::socketio
