// connect, upgrade: time and CPU of getting in, over and over.
#include <algorithm>

#include "report/process_usage.hpp"
#include "sockets/crowd.hpp"
#include "sockets/scenarios.hpp"

namespace bench::sockets {
namespace {

using namespace std::chrono_literals;

class Storm {
public:
    Storm(const Options& options, bool polling_first) : options_(options), crowd_(poller_, report_, options, nullptr, polling_first) {}

    Report run() {
        if (options_.warm) connect(nobody_);
        const auto end = Clock::now() + std::chrono::duration<double>(options_.seconds);
        const std::uint64_t requests = crowd_.requests();
        do {
            connect(report_);
        } while (Clock::now() < end);
        report_.figures.emplace_back("requests_per_client", static_cast<double>(crowd_.requests() - requests) /
                                                                static_cast<double>(std::max<std::uint64_t>(1, report_.operations)));
        return report_;
    }

private:
    void connect(Report& report) {
        const Stopwatch watch(options_.watched);
        crowd_.connect(report.latency);
        watch.stop(report);
        report.connections = crowd_.connected_count();
        report.operations += report.connections;
        crowd_.leave();
        wait_for_quiet();
    }

    // Until the server has done with those who left, so that it does not count for the next ones.
    void wait_for_quiet() {
        const auto deadline = Clock::now() + 3s;
        auto before = processor_time(options_.watched.server);
        while (true) {
            crowd_.serve_for(200ms);
            const auto now = processor_time(options_.watched.server);
            if (now - before < 2ms || Clock::now() > deadline) return;
            before = now;
        }
    }

    const Options& options_;
    Report report_;
    Report nobody_;
    Poller poller_;
    Crowd crowd_;
};

}  // namespace

Report run_connect(const Options& options) {
    return Storm(options, false).run();
}

Report run_upgrade(const Options& options) {
    return Storm(options, true).run();
}

}  // namespace bench::sockets
