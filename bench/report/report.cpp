#include "report/report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

#include "report/process_usage.hpp"

namespace bench {
namespace {

double microseconds(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1000;
}

// JSON has no infinity.
std::string number(double value) {
    return std::isfinite(value) ? fmt::format("{:.10g}", value) : "null";
}

std::string latencies(const Histogram& latency) {
    if (latency.count() == 0) return "null";
    return fmt::format(R"({{"p50": {:.1f}, "p95": {:.1f}, "p99": {:.1f}, "max": {:.1f}}})", microseconds(latency.quantile(0.5)),
                       microseconds(latency.quantile(0.95)), microseconds(latency.quantile(0.99)), microseconds(latency.max()));
}

std::string per_operation(const std::optional<std::chrono::nanoseconds>& cpu, std::uint64_t operations) {
    return cpu && operations > 0 ? fmt::format("{:.3f}", microseconds(*cpu) / static_cast<double>(operations)) : "null";
}

}  // namespace

void Report::fail(std::string_view why) {
    if (errors++ == 0) first_error = why;
}

std::string Report::to_json() const {
    const double rate = seconds > 0 ? static_cast<double>(operations) / seconds : 0;
    std::string json =
        fmt::format(R"({{"scenario": "{}", "connections": {}, "operations": {}, "errors": {}, "seconds": {:.3f}, "rate": {:.1f}, )",
                    scenario, connections, operations, errors, seconds, rate);
    fmt::format_to(std::back_inserter(json),
                   R"("latency_us": {}, "server_cpu_us": {}, "database_cpu_us": {}, "loader_cpu_us": {}, "figures": {{)",
                   latencies(latency), per_operation(server_cpu, operations), per_operation(database_cpu, operations),
                   per_operation(loader_cpu, operations));
    for (std::string_view between; const auto& [name, value] : figures) {
        fmt::format_to(std::back_inserter(json), R"({}"{}": {})", std::exchange(between, ", "), name, number(value));
    }
    return json + "}}";
}

void Report::print() const {
    if (errors > 0) fmt::print(stderr, "{}: {} errors, the first: {}\n", scenario, errors, first_error);
    fmt::print("{}\n", to_json());
    std::fflush(stdout);
}

Stopwatch::Stopwatch(Watched watched)
    : watched_(watched),
      began_(std::chrono::steady_clock::now()),
      server_(processor_time(watched.server)),
      database_(processor_time(watched.database)),
      loader_(processor_time(::getpid())) {}

double Stopwatch::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void Stopwatch::stop(Report& report) const {
    const auto add = [](std::optional<std::chrono::nanoseconds>& sum, std::chrono::nanoseconds time) {
        sum = sum.value_or(std::chrono::nanoseconds(0)) + time;
    };
    report.seconds += seconds();
    if (watched_.server != 0) add(report.server_cpu, processor_time(watched_.server) - server_);
    if (watched_.database != 0) add(report.database_cpu, processor_time(watched_.database) - database_);
    add(report.loader_cpu, processor_time(::getpid()) - loader_);
}

}  // namespace bench
