#include "gathering.hpp"

#include "handlers.hpp"
#include "hub.hpp"

namespace parley::socketio {

std::shared_ptr<Gathering> Gathering::start(Hub& hub, std::size_t servers, std::chrono::milliseconds timeout, Done done) {
    LoopGroup& loops = hub.loops();
    Loop* const current = Loop::current();
    Loop& home = current && current->index() < loops.size() && &loops[current->index()] == current ? *current : loops[0];
    auto gathering = std::make_shared<Gathering>(home, hub.gatherings(home), servers, std::move(done));
    home.post([gathering, timeout] { gathering->arm(timeout); });
    return gathering;
}

void Gathering::arm(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (!done_) return;
    if (is_complete()) return finish(std::move(lock));
    kept_.insert(shared_from_this());
    timer_.arm(home_.timers(), timeout);
}

void Gathering::on_timeout() {
    std::unique_lock lock(mutex_);
    if (!done_) return;
    gathered_.complete = false;
    finish(std::move(lock));
}

void Gathering::acknowledged(Arguments arguments) {
    std::unique_lock lock(mutex_);
    if (!done_) return;
    gathered_.answers.push_back(std::move(arguments));
    --acknowledgements_left_;
    finish_if_complete(std::move(lock));
}

void Gathering::sockets(std::vector<RemoteSocket> sockets) {
    const std::scoped_lock lock(mutex_);
    if (!done_) return;
    gathered_.sockets.insert(gathered_.sockets.end(), std::make_move_iterator(sockets.begin()), std::make_move_iterator(sockets.end()));
}

void Gathering::expects(std::ptrdiff_t acknowledgements) {
    std::unique_lock lock(mutex_);
    if (!done_) return;
    acknowledgements_left_ += acknowledgements;
    if (acknowledgements < 0) gathered_.complete = false;
    finish_if_complete(std::move(lock));
}

void Gathering::server_done() {
    std::unique_lock lock(mutex_);
    if (!done_ || servers_left_ == 0) return;
    --servers_left_;
    finish_if_complete(std::move(lock));
}

void Gathering::finish_if_complete(std::unique_lock<std::mutex> lock) {
    if (is_complete()) finish(std::move(lock));
}

void Gathering::finish(std::unique_lock<std::mutex> lock) {
    auto tell = [self = shared_from_this(), done = std::exchange(done_, nullptr), gathered = std::move(gathered_)]() mutable {
        self->timer_.cancel();
        self->kept_.erase(self);
        guarded("answers", [&] { done(std::move(gathered)); });
    };
    lock.unlock();
    home_.post(std::move(tell));
}

}  // namespace parley::socketio
