// Log-ins, and what they do to those who send meanwhile.
#include <fmt/format.h>

#include <memory>

#include "chat/closed_loop.hpp"
#include "chat/paced_sends.hpp"
#include "chat/people.hpp"
#include "chat/scenarios.hpp"
#include "chat/sending.hpp"

namespace bench::chat {
namespace {

constexpr std::size_t kSenders = 16;
constexpr double kSendRate = 160;
constexpr std::chrono::seconds kLastAnswers{10};

class LoggingIn final : public Work {
public:
    explicit LoggingIn(std::size_t users) : users_(users) {}

    Request next(std::size_t) override {
        body_ = fmt::format(R"({{"username":"{}","password":"{}"}})", username(made_++ % users_), kPassword);
        return {"POST", "/api/auth/login", "Content-Type: application/json\r\n", body_};
    }
    bool is_right(std::size_t, const HttpAnswer& answer) override {
        return answer.status == 200 && header_field(answer.head, "set-cookie").starts_with("jwt=");
    }

private:
    const std::size_t users_;
    std::size_t made_ = 0;
    std::string body_;
};

// Those who send: each of sixteen users to the next one.
class Senders {
public:
    Senders(Poller& poller, const Options& options, Report& report)
        : poller_(poller),
          report_(report),
          sends_(poller, options, report,
                 {.rate = options.rate.value_or(kSendRate),
                  .first_sender = kFirstSender,
                  .senders = kSenders,
                  .first_receiver = kFirstSender,
                  .receivers = kSenders,
                  .shift = 1,
                  .connections = kSenders}) {}

    // Before anything else is asked.
    void measure_before(double seconds) {
        const auto never = [] { return false; };
        sends_.start();
        poller_.run_until(never, Clock::now() + kWarmUp);
        sends_.take_latencies();
        poller_.run_until(never, Clock::now() + duration_of(seconds));
        add("before", sends_.take_latencies());
    }
    void end_during() {
        sends_.stop();
        if (!poller_.run_until([this] { return sends_.all_answered(); }, Clock::now() + kLastAnswers))
            report_.fail("sends were never answered");
        add("during", sends_.take_latencies());
    }

private:
    void add(std::string_view when, const Histogram& latencies) {
        report_.figures.emplace_back(fmt::format("send_p99_{}_us", when),
                                     std::chrono::duration<double, std::micro>(latencies.quantile(0.99)).count());
        report_.figures.emplace_back(fmt::format("sends_{}", when), latencies.count());
    }

    Poller& poller_;
    Report& report_;
    PacedSends sends_;
};

}  // namespace

void log_in(const Options& options, Report& report) {
    Poller poller;
    LoggingIn work(options.users.value_or(200));
    const auto senders = options.sends ? std::make_unique<Senders>(poller, options, report) : nullptr;
    if (senders) senders->measure_before(options.seconds);
    ClosedLoop(poller, work, options, report, options.clients.value_or(8)).measure();
    if (senders) senders->end_during();
}

void login_storm(const Options& options, Report& report) {
    Poller poller;
    Senders senders(poller, options, report);
    senders.measure_before(options.seconds);

    LoggingIn work(options.users.value_or(200));
    ClosedLoop loop(poller, work, options, report, options.clients.value_or(100));
    const Stopwatch stopwatch(options.watched);
    loop.start();
    loop.stop();  // once is enough
    if (!poller.run_until([&] { return loop.all_quiet(); }, Clock::now() + std::chrono::seconds(60)))
        report.fail("log-ins were never answered");
    stopwatch.stop(report);
    senders.end_during();
}

}  // namespace bench::chat
