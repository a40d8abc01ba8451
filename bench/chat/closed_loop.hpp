// ClosedLoop: REST clients that each ask one thing after the other, as fast as they are answered.
#pragma once

#include <deque>
#include <string_view>

#include "chat/options.hpp"
#include "clients/http.hpp"

namespace bench::chat {

struct Request {
    std::string_view method = "GET";
    std::string_view target;
    std::string_view fields;  // lines of the head
    std::string_view body;
};

// What the clients do.
class Work {
public:
    // What client number `client` asks next; good until the next call.
    virtual Request next(std::size_t client) = 0;
    virtual bool is_right(std::size_t client, const HttpAnswer& answer) = 0;

protected:
    ~Work() = default;
};

class ClosedLoop {
public:
    // Right answers are operations of the report, with their latency; others, and none, are errors.
    ClosedLoop(Poller& poller, Work& work, const Options& options, Report& report, std::size_t clients);

    void start();
    // Asks nothing more; what is under way is still answered.
    void stop() { asking_ = false; }
    bool all_quiet() const { return under_way_ == 0; }

    // All of a simple measurement: starts, warms up, counts and times for options.seconds, stops and waits for the last answers, which do not count.
    void measure();

private:
    class Client final : private HttpConnection::Listener {
    public:
        Client(ClosedLoop& loop, std::size_t number);
        void ask();

    private:
        void answered(HttpConnection& connection, const HttpAnswer& answer) override;
        void failed(HttpConnection& connection, std::string_view why) override;

        ClosedLoop& loop_;
        const std::size_t number_;
        HttpConnection connection_;
        Clock::time_point began_;
    };

    Poller& poller_;
    Work& work_;
    const Options& options_;
    Report& report_;
    std::deque<Client> clients_;
    bool asking_ = false;
    std::size_t under_way_ = 0;
};

// The warm-up of every measurement.
inline constexpr std::chrono::milliseconds kWarmUp{500};

// Seconds as options have them.
Clock::duration duration_of(double seconds);

// Forgets what was done and timed so far, but not the errors.
void forget_operations(Report& report);

}  // namespace bench::chat
