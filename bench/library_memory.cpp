// Memory given back: starts a Socket.IO server, has many clients connect, talk, and vanish without a word, three times, and prints the server's resident
// memory at rest, at each peak and five seconds after each leave, as Markdown table rows beside their goals.
//
//     library_memory CLIENTS SERVER [ARGUMENT...]
//
// SERVER is any that prints "http://…:PORT" when it listens; for another allocator: env LD_PRELOAD=… as SERVER. It must accept everybody on "/".
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <thread>
#include <vector>

#include "process.hpp"
#include "report/process_usage.hpp"
#include "sockets/crowd.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 3;

struct Figures {
    long rest = 0;
    long peaks[kRounds] = {};
    long afters[kRounds] = {};
};

Figures measure(const std::vector<std::string>& command, std::size_t clients) {
    bench::Process server(command);
    bench::sockets::Options options;
    options.port = server.port();
    options.connections = clients;
    Figures figures;
    std::this_thread::sleep_for(2s);
    figures.rest = server.rss_kib();
    for (int round = 0; round < kRounds; ++round) {
        bench::Poller poller;
        bench::Report report;
        bench::sockets::Crowd crowd(poller, report, options, nullptr);
        crowd.connect(report.latency);
        for (std::size_t i = 0; i < crowd.size(); ++i) crowd[i].send(R"(42["echo","hello"])");
        crowd.serve_for(2s);
        if (report.errors > 0) throw std::runtime_error("not every client could connect: " + report.first_error);
        figures.peaks[round] = server.rss_kib();
        crowd.leave();
        std::this_thread::sleep_for(5s);
        figures.afters[round] = server.rss_kib();
    }
    return figures;
}

double percent_over(long value, long base) {
    return 100.0 * static_cast<double>(value - base) / static_cast<double>(base);
}

void report(const Figures& figures) {
    fmt::print("| at rest | {} KiB | | |\n", figures.rest);
    for (int round = 0; round < kRounds; ++round) {
        const double over_first = percent_over(figures.peaks[round], figures.peaks[0]);
        const double over_rest = percent_over(figures.afters[round], figures.rest);
        fmt::print("| peak {} | {} KiB | {:+.1f} % of the first | at most +5 % |\n", round + 1, figures.peaks[round], over_first);
        fmt::print("| 5 s after leave {} | {} KiB | {:+.1f} % of rest | at most +20 % |\n", round + 1, figures.afters[round], over_rest);
    }
}

}  // namespace

int main(int count, char** arguments) {
    const long clients = count > 2 ? std::atol(arguments[1]) : 0;
    if (clients <= 0) return fmt::print(stderr, "usage: library_memory CLIENTS SERVER [ARGUMENT...]\n"), 2;
    bench::raise_descriptor_limit();
    try {
        report(measure({arguments + 2, arguments + count}, static_cast<std::size_t>(clients)));
    } catch (const std::exception& error) {
        return fmt::print(stderr, "{}\n", error.what()), 1;
    }
    return 0;
}
