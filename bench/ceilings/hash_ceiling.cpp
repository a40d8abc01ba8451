// How many passwords the machine can hash: bcrypt ($2b$) of libxcrypt on every core, nothing else.
//     hash_ceiling [--seconds 3] [--cost 10] [--threads N]        (as many threads as cores)
#include <crypt.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "ceilings/flags.hpp"
#include "report/report.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kPassword = "correct horse battery staple";

struct Work {
    bench::Histogram latency;
    bool refused = false;
};

// A hash that has begun by the deadline is finished and counted.
void hash_until(Clock::time_point deadline, const std::string& setting, Work& work) {
    const auto scratch = std::make_unique<crypt_data>();
    auto now = Clock::now();
    while (now < deadline && !work.refused) {
        const char* hash = ::crypt_r(kPassword, setting.c_str(), scratch.get());
        work.refused = !hash || hash[0] != '$';
        const auto done = Clock::now();
        work.latency.add(done - now);
        now = done;
    }
}

std::string make_setting(unsigned long cost) {
    const char* setting = ::crypt_gensalt("$2b$", cost, "sixteen bytes it", 16);
    if (!setting) throw std::runtime_error("bcrypt does not have that cost");
    return setting;
}

bench::Report measure(const bench::Flags& flags) {
    const std::string setting = make_setting(static_cast<unsigned long>(flags.number("--cost", 10)));
    std::vector<Work> work(static_cast<std::size_t>(flags.number("--threads", std::max(1U, std::thread::hardware_concurrency()))));
    bench::Report report;
    report.scenario = "hash_ceiling";
    report.connections = work.size();

    const bench::Stopwatch stopwatch({.server = ::getpid()});
    const auto deadline =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(flags.number("--seconds", 3)));
    std::vector<std::jthread> threads;
    for (Work& one : work) threads.emplace_back(hash_until, deadline, std::cref(setting), std::ref(one));
    threads.clear();
    stopwatch.stop(report);

    for (const Work& one : work) {
        report.latency.add(one.latency);
        if (one.refused) report.fail("crypt_r made no hash");
    }
    report.operations = report.latency.count();
    report.figures = {{"cost", flags.number("--cost", 10)}, {"threads", static_cast<double>(work.size())}};
    return report;
}

}  // namespace

int main(int count, char** words) {
    try {
        const bench::Report report = measure(bench::Flags(count, words, {"--seconds", "--cost", "--threads"}));
        report.print();
        return report.errors > 0 ? 1 : 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "hash_ceiling: %s\n", error.what());
        return 1;
    }
}
