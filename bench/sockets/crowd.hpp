// Crowd: the clients of a scenario. It connects them, not too many at a time, and counts those that are refused or lost as errors of the report; a lost
// client does not come back.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "clients/socketio_client.hpp"
#include "sockets/options.hpp"

namespace bench::sockets {

class Crowd final : private SocketIoClient::Listener {
public:
    class Listener {
    public:
        // `event`: ["name",…]
        virtual void event(SocketIoClient& client, std::string_view event) = 0;
        virtual void lost(SocketIoClient&) {}

    protected:
        ~Listener() = default;
    };

    // `listener` may be absent if nothing is to be said.
    Crowd(Poller& poller, Report& report, const Options& options, Listener* listener, bool polling_first = false);

    // Returns when every client is connected or has failed; those that are not within a minute, or ten seconds after the last one that was, have failed. Adds how
    // long each took to `times`. Throws std::runtime_error if not one is connected.
    void connect(Histogram& times);
    // Reads and answers for that long.
    void serve_for(std::chrono::duration<double> time);
    // Serves for a moment to warm up, then for options.seconds with `measuring` set: time and CPU of that go into the report.
    void measure(const Options& options, bool& measuring);
    // Resets every connection.
    void leave();

    std::size_t size() const { return clients_.size(); }
    std::size_t connected_count() const { return connected_; }
    SocketIoClient& operator[](std::size_t number) { return clients_[number]; }
    // HTTP requests of all clients together, for polling.
    std::uint64_t requests() const;

private:
    void connected(SocketIoClient& client, std::string_view sid) override;
    void event(SocketIoClient& client, std::string_view event) override;
    void disconnected(SocketIoClient& client, std::string_view why) override;
    enum class State : char { Waiting, Opening, Connected, Failed };
    void open_more();
    bool settled() const { return connected_ + failed_ >= clients_.size(); }
    void give_up();

    Poller& poller_;
    Report& report_;
    Listener* const listener_;
    const Way way_;
    const std::size_t at_once_;
    std::deque<SocketIoClient> clients_;
    std::vector<State> states_;             // by client
    std::vector<Clock::time_point> began_;  // connecting, by client
    Histogram* times_ = nullptr;            // while connecting
    std::size_t begun_ = 0;
    std::size_t connected_ = 0;
    std::size_t failed_ = 0;
};

}  // namespace bench::sockets
