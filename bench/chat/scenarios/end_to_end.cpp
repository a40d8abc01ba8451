// From a REST send to the receiver's newMessage: how long it takes at a given rate, and how many a second there can be.
#include <fmt/format.h>

#include <algorithm>

#include "chat/closed_loop.hpp"
#include "chat/delivery.hpp"
#include "chat/paced_sends.hpp"
#include "chat/scenarios.hpp"
#include "chat/sending.hpp"

namespace bench::chat {
namespace {

constexpr std::size_t kReceivers = 200;
constexpr std::size_t kSenders = 8;
constexpr std::chrono::seconds kConnecting{30};
constexpr std::chrono::seconds kLastDeliveries{10};

// What was sent and has not come is an error each.
void count_missing(Report& report, std::uint64_t missing) {
    if (missing == 0) return;
    report.fail(fmt::format("{} messages were not delivered", missing));
    report.errors += missing - 1;
}

// Client c sends to all receivers in turn, beginning with its own place.
class SendingToAll final : public Work {
public:
    SendingToAll(std::size_t receivers, std::size_t clients, const Options& options)
        : receivers_(receivers), fields_(sender_fields(receivers, clients, options.jwt_secret)) {}

    std::size_t receiver_of(std::uint64_t number) const { return number % receivers_; }
    std::uint64_t accepted() const { return accepted_; }

    Request next(std::size_t client) override {
        target_ = send_target(receiver_of(sent_));
        body_ = send_body(sent_++);
        return {"POST", target_, fields_[client], body_};
    }
    bool is_right(std::size_t, const HttpAnswer& answer) override {
        accepted_ += answer.status == 201;
        return answer.status == 201;
    }

private:
    const std::size_t receivers_;
    const std::vector<std::string> fields_;
    std::uint64_t sent_ = 0;
    std::uint64_t accepted_ = 0;
    std::string target_;
    std::string body_;
};

}  // namespace

void end_to_end(const Options& options, Report& report) {
    Poller poller;
    const std::size_t receivers = options.users.value_or(kReceivers);
    const double rate = options.rate.value_or(50);
    PacedSends sends(poller, options, report,
                     {.rate = rate,
                      .first_sender = receivers,
                      .senders = kSenders,
                      .first_receiver = 0,
                      .receivers = receivers,
                      .connections = options.clients.value_or(64)});
    std::uint64_t first_counted = ~std::uint64_t{0};  // none while it warms up
    Delivery delivery(
        report, [&](std::uint64_t number) { return sends.receiver_of(number); },
        [&](std::uint64_t number) {
            if (number < first_counted) return;
            report.latency.add(Clock::now() - sends.planned(number));
            ++report.operations;
        });
    Crowd crowd(poller, delivery, options, report, receivers);
    report.connections = receivers;
    if (!crowd.connect_all(Clock::now() + kConnecting)) return;

    const auto never = [] { return false; };
    sends.start();
    poller.run_until(never, Clock::now() + kWarmUp);
    first_counted = sends.planned_count();
    const Stopwatch stopwatch(options.watched);
    poller.run_until(never, Clock::now() + duration_of(options.seconds));
    sends.stop();
    poller.run_until([&] { return sends.all_answered() && delivery.delivered_count() >= sends.planned_count(); },
                     Clock::now() + kLastDeliveries);
    stopwatch.stop(report);
    count_missing(report, sends.planned_count() - std::min(sends.planned_count(), delivery.delivered_count()));
    report.figures.emplace_back("planned_per_second", rate);
    const Histogram answers = sends.take_latencies();
    report.figures.emplace_back("answer_p99_us", std::chrono::duration<double, std::micro>(answers.quantile(0.99)).count());
}

void capacity(const Options& options, Report& report) {
    Poller poller;
    const std::size_t receivers = options.users.value_or(kReceivers);
    const std::size_t clients = options.clients.value_or(64);
    SendingToAll work(receivers, clients, options);
    Delivery delivery(report, [&](std::uint64_t number) { return work.receiver_of(number); }, [](std::uint64_t) {});
    Crowd crowd(poller, delivery, options, report, receivers);
    if (!crowd.connect_all(Clock::now() + kConnecting)) return;

    const auto never = [] { return false; };
    ClosedLoop loop(poller, work, options, report, clients);
    report.connections = receivers + clients;
    loop.start();
    poller.run_until(never, Clock::now() + kWarmUp);
    forget_operations(report);
    const std::uint64_t before = delivery.delivered_count();
    const Stopwatch stopwatch(options.watched);
    poller.run_until(never, Clock::now() + duration_of(options.seconds));
    stopwatch.stop(report);
    const std::uint64_t both = std::min(delivery.delivered_count() - before, report.operations);
    report.figures.emplace_back("capacity_per_second", static_cast<double>(both) / report.seconds);
    loop.stop();
    poller.run_until([&] { return loop.all_quiet() && delivery.delivered_count() >= work.accepted(); }, Clock::now() + kLastDeliveries);
    report.operations = both;
    count_missing(report, work.accepted() - std::min(work.accepted(), delivery.delivered_count()));
}

}  // namespace bench::chat
