// Report: what one run of one scenario against one server found out, printed as one line of JSON for bench/compare to read:
//
//     {"scenario": "echo", "connections": 1000, "operations": 500000, "errors": 0, "seconds": 5.01, "rate": 99800.4,
//      "latency_us": {"p50": 900.1, "p95": 1200.0, "p99": 1500.2, "max": 4000.0},
//      "server_cpu_us": 7.1, "database_cpu_us": null, "loader_cpu_us": 3.2, "figures": {"rss_per_connection": 1310.7}}
//
// CPU is per operation. `latency_us` is null where nothing was timed, a CPU is null where no process was named or nothing was done.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/histogram.hpp"

namespace bench {

// The processes whose time is told apart; 0: not named.
struct Watched {
    pid_t server = 0;
    pid_t database = 0;
};

struct Report {
    std::string scenario;
    std::size_t connections = 0;
    std::uint64_t operations = 0;
    std::uint64_t errors = 0;
    std::string first_error;
    double seconds = 0;
    Histogram latency;
    std::optional<std::chrono::nanoseconds> server_cpu;  // of the whole run
    std::optional<std::chrono::nanoseconds> database_cpu;
    std::optional<std::chrono::nanoseconds> loader_cpu;   // of the measuring program itself
    std::vector<std::pair<std::string, double>> figures;  // of this scenario alone, named with their unit

    // Counts an error, and keeps what the first one was.
    void fail(std::string_view why);
    std::string to_json() const;
    // The line to stdout, and the number of errors with the first of them, if there are any, to stderr.
    void print() const;
};

// Times a run and what the watched processes, and this one, used during it.
class Stopwatch {
public:
    explicit Stopwatch(Watched watched);  // starts
    double seconds() const;
    // Adds its seconds and CPU to the report's.
    void stop(Report& report) const;

private:
    Watched watched_;
    std::chrono::steady_clock::time_point began_;
    std::chrono::nanoseconds server_{};
    std::chrono::nanoseconds database_{};
    std::chrono::nanoseconds loader_{};
};

}  // namespace bench
