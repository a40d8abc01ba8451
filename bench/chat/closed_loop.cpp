#include "chat/closed_loop.hpp"

#include <fmt/format.h>

namespace bench::chat {
namespace {

constexpr std::chrono::milliseconds kAfterFailure{100};
constexpr std::chrono::seconds kLastAnswers{10};

}  // namespace

Clock::duration duration_of(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void forget_operations(Report& report) {
    report.operations = 0;
    report.latency = {};
}

ClosedLoop::ClosedLoop(Poller& poller, Work& work, const Options& options, Report& report, std::size_t clients)
    : poller_(poller), work_(work), options_(options), report_(report) {
    for (std::size_t i = 0; i < clients; ++i) clients_.emplace_back(*this, i);
    report.connections = clients;
}

void ClosedLoop::start() {
    asking_ = true;
    for (Client& client : clients_) client.ask();
}

void ClosedLoop::measure() {
    const auto never = [] { return false; };
    start();
    poller_.run_until(never, Clock::now() + kWarmUp);
    forget_operations(report_);
    const Stopwatch stopwatch(options_.watched);
    poller_.run_until(never, Clock::now() + duration_of(options_.seconds));
    stopwatch.stop(report_);
    stop();
    const std::uint64_t operations = report_.operations;
    const Histogram latency = report_.latency;
    if (!poller_.run_until([this] { return all_quiet(); }, Clock::now() + kLastAnswers)) report_.fail("requests were never answered");
    report_.operations = operations;
    report_.latency = latency;
}

ClosedLoop::Client::Client(ClosedLoop& loop, std::size_t number)
    : loop_(loop), number_(number), connection_(loop.poller_, *this, loop.options_.port) {}

void ClosedLoop::Client::ask() {
    if (!loop_.asking_) return;
    const Request request = loop_.work_.next(number_);
    ++loop_.under_way_;
    began_ = Clock::now();
    connection_.request(request.method, request.target, request.fields, request.body);
}

void ClosedLoop::Client::answered(HttpConnection&, const HttpAnswer& answer) {
    --loop_.under_way_;
    if (loop_.work_.is_right(number_, answer)) {
        ++loop_.report_.operations;
        loop_.report_.latency.add(Clock::now() - began_);
    } else {
        loop_.report_.fail(fmt::format("answered {} {}", answer.status, answer.body.substr(0, 100)));
    }
    ask();
}

void ClosedLoop::Client::failed(HttpConnection&, std::string_view why) {
    --loop_.under_way_;
    loop_.report_.fail(why);
    loop_.poller_.at(Clock::now() + kAfterFailure, [this] { ask(); });
}

}  // namespace bench::chat
