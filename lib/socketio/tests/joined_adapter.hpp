// JoinedAdapter: an Adapter for tests that joins several servers of one process as a network would: what one publishes reaches the others later, on a
// thread of the network's own, as a copy; and what they answer comes back the same way. It keeps what Adapter promises, and nothing beyond.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "parley/socketio/adapter.hpp"

namespace parley::socketio {

// Everything goes one after the other over one wire: so one origin's operations arrive in order.
class Network {
public:
    using Address = const Adapter*;

    Network() : thread_([this] { carry(); }) {}
    ~Network() { stop(); }
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    void stop() {
        {
            const std::scoped_lock lock(mutex_);
            stopped_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }
    void add(Address address, Adapter::Deliver deliver) {
        const std::scoped_lock lock(mutex_);
        servers_[address] = std::move(deliver);
    }
    std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return servers_.size();
    }
    // What is sent to the server of that address from now on does not arrive.
    void cut(Address address) {
        const std::scoped_lock lock(mutex_);
        cut_.insert(address);
    }
    void post(std::function<void()> function) {
        {
            const std::scoped_lock lock(mutex_);
            queue_.push_back(std::move(function));
        }
        changed_.notify_all();
    }
    void send(Address from, Operation operation, std::shared_ptr<AnswerSink> answers);
    // What was sent before has arrived, and what was answered to it.
    void settle() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return (queue_.empty() && !carrying_) || stopped_; });
    }

private:
    void carry() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
            if (stopped_) return;
            auto function = std::move(queue_.front());
            queue_.pop_front();
            carrying_ = true;
            lock.unlock();
            function();
            function = nullptr;
            lock.lock();
            carrying_ = false;
            changed_.notify_all();
        }
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Address, Adapter::Deliver> servers_;
    std::set<Address> cut_;
    std::deque<std::function<void()>> queue_;
    bool carrying_ = false;
    bool stopped_ = false;
    std::thread thread_;
};

// The answers' way back.
class AnswersByNetwork final : public AnswerSink {
public:
    AnswersByNetwork(Network& network, std::shared_ptr<AnswerSink> asker) : network_(network), asker_(std::move(asker)) {}
    void acknowledged(Arguments arguments) override {
        network_.post([asker = asker_, arguments = std::move(arguments)] { asker->acknowledged(arguments); });
    }
    void sockets(std::vector<RemoteSocket> sockets) override {
        network_.post([asker = asker_, sockets = std::move(sockets)] { asker->sockets(sockets); });
    }
    void expects(std::ptrdiff_t acknowledgements) override {
        network_.post([asker = asker_, acknowledgements] { asker->expects(acknowledgements); });
    }
    void server_done() override {
        network_.post([asker = asker_] { asker->server_done(); });
    }

private:
    Network& network_;
    std::shared_ptr<AnswerSink> asker_;
};

inline void Network::send(Address from, Operation operation, std::shared_ptr<AnswerSink> answers) {
    operation.prepared.clear();
    post([this, from, operation = std::move(operation), answers = std::move(answers)] {
        std::vector<Adapter::Deliver> others;
        {
            const std::scoped_lock lock(mutex_);
            for (const auto& [address, deliver] : servers_) {
                if (address != from && !cut_.contains(address)) others.push_back(deliver);
            }
        }
        for (const auto& deliver : others) deliver(operation, answers ? std::make_shared<AnswersByNetwork>(*this, answers) : nullptr);
    });
}

class JoinedAdapter final : public Adapter {
public:
    JoinedAdapter(Network& network, Deliver deliver) : network_(network), deliver_(std::move(deliver)) { network_.add(this, deliver_); }

    void publish(Operation operation, std::shared_ptr<AnswerSink> answers) override {
        if (!operation.local) network_.send(this, operation, answers);
        if (operation.kind != Operation::Kind::ServerSideEmit) deliver_(std::move(operation), std::move(answers));
    }
    std::size_t servers() const override { return network_.size(); }

private:
    Network& network_;
    Deliver deliver_;
};

}  // namespace parley::socketio
