#include "sockets/crowd.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bench::sockets {

using namespace std::chrono_literals;

Crowd::Crowd(Poller& poller, Report& report, const Options& options, Listener* listener, bool polling_first)
    : poller_(poller), report_(report), listener_(listener), way_{options.port, polling_first, "", ""}, at_once_(options.opening) {
    for (unsigned i = 0; i < options.connections; ++i) clients_.emplace_back(poller, static_cast<SocketIoClient::Listener&>(*this), i);
}

void Crowd::connect(Histogram& times) {
    times_ = &times;
    begun_ = connected_ = failed_ = 0;
    states_.assign(clients_.size(), State::Waiting);
    began_.assign(clients_.size(), {});
    open_more();
    const auto deadline = Clock::now() + 60s;
    for (std::size_t before = 0; !poller_.run_until([this] { return settled(); }, std::min(deadline, Clock::now() + 10s));
         before = connected_) {
        if (connected_ == before || Clock::now() >= deadline) give_up();
    }
    times_ = nullptr;
    if (connected_ == 0) throw std::runtime_error("no client could connect: " + report_.first_error);
}

void Crowd::open_more() {
    for (; begun_ < clients_.size() && begun_ - connected_ - failed_ < at_once_; ++begun_) {
        states_[begun_] = State::Opening;
        began_[begun_] = Clock::now();
        clients_[begun_].open(way_);
    }
}

void Crowd::give_up() {
    for (SocketIoClient& client : clients_) {
        State& state = states_[client.number()];
        if (state == State::Connected || state == State::Failed) continue;
        client.cut();
        state = State::Failed;
        ++failed_;
        report_.fail("did not connect in time");
    }
}

void Crowd::serve_for(std::chrono::duration<double> time) {
    poller_.run_until([] { return false; }, Clock::now() + std::chrono::duration_cast<Clock::duration>(time));
}

void Crowd::measure(const Options& options, bool& measuring) {
    serve_for(std::chrono::milliseconds(500));
    measuring = true;
    const Stopwatch watch(options.watched);
    serve_for(std::chrono::duration<double>(options.seconds));
    watch.stop(report_);
    measuring = false;
}

void Crowd::leave() {
    for (SocketIoClient& client : clients_) client.cut();
    connected_ = 0;
}

std::uint64_t Crowd::requests() const {
    std::uint64_t sum = 0;
    for (const SocketIoClient& client : clients_) sum += client.requests();
    return sum;
}

void Crowd::connected(SocketIoClient& client, std::string_view) {
    states_[client.number()] = State::Connected;
    ++connected_;
    if (times_ != nullptr) times_->add(Clock::now() - began_[client.number()]);
    open_more();
}

void Crowd::event(SocketIoClient& client, std::string_view event) {
    if (listener_ != nullptr) listener_->event(client, event);
}

void Crowd::disconnected(SocketIoClient& client, std::string_view why) {
    report_.fail(why);
    if (std::exchange(states_[client.number()], State::Failed) == State::Connected) --connected_;
    ++failed_;
    if (times_ != nullptr) return open_more();
    if (listener_ != nullptr) listener_->lost(client);
}

}  // namespace bench::sockets
