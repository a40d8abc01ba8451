// PacedSends: messages by REST, so many a second, from a few users. How long one took counts from when it was to be sent: a server that holds messages up
// pays for all it held up (no coordinated omission). Message k is numbered so (chat/people.hpp).
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "chat/options.hpp"
#include "chat/pacer.hpp"
#include "clients/http.hpp"

namespace bench::chat {

class PacedSends final : private HttpConnection::Listener {
public:
    // Message k goes from user first_sender + k % senders to user first_receiver + (k + shift) % receivers.
    struct Plan {
        double rate = 0;
        std::size_t first_sender = 0;
        std::size_t senders = 0;
        std::size_t first_receiver = 0;
        std::size_t receivers = 0;
        std::size_t shift = 0;
        std::size_t connections = 64;  // at most; those used last are used first, so that few are open at a low rate
    };
    PacedSends(Poller& poller, const Options& options, Report& report, Plan plan);

    void start() { pacer_.start(Clock::now()); }
    void stop() { pacer_.stop(); }

    Clock::time_point planned(std::uint64_t number) const { return pacer_.planned(number); }
    std::uint64_t planned_count() const { return pacer_.called(); }
    bool all_answered() const { return answered_ + failed_ == pacer_.called(); }
    std::size_t receiver_of(std::uint64_t number) const { return plan_.first_receiver + (number + plan_.shift) % plan_.receivers; }

    // From planned to answered 201, since the last call.
    Histogram take_latencies() { return std::exchange(latencies_, {}); }

private:
    void answered(HttpConnection& connection, const HttpAnswer& answer) override;
    void failed(HttpConnection& connection, std::string_view why) override;
    void send_waiting();
    void send(HttpConnection& connection, std::uint64_t number);
    HttpConnection* free_connection();

    struct UnderWay {
        const HttpConnection* connection;
        std::uint64_t number;
    };

    Poller& poller_;
    const int port_;
    Report& report_;
    const Plan plan_;
    const std::vector<std::string> fields_;  // by sender
    std::deque<HttpConnection> connections_;
    std::vector<HttpConnection*> free_;  // the one used last at the end
    std::vector<UnderWay> under_way_;
    std::uint64_t next_ = 0;  // to be sent; below pacer_.called(): it waits
    std::uint64_t answered_ = 0;
    std::uint64_t failed_ = 0;
    Histogram latencies_;
    Pacer pacer_;
};

}  // namespace bench::chat
