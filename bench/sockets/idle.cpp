// idle: what a connection costs that says nothing.
#include "report/process_usage.hpp"
#include "sockets/crowd.hpp"
#include "sockets/scenarios.hpp"

namespace bench::sockets {

using namespace std::chrono_literals;

Report run_idle(const Options& options) {
    Report report;
    Poller poller;
    Crowd crowd(poller, report, options, nullptr);
    if (options.warm) {
        Histogram ignored;
        crowd.connect(ignored);
        crowd.serve_for(1s);
        crowd.leave();
        crowd.serve_for(3s);
    }
    const std::size_t before = resident_bytes(options.watched.server);
    const Stopwatch watch(options.watched);
    crowd.connect(report.latency);
    watch.stop(report);
    crowd.serve_for(1s);
    const std::size_t after = resident_bytes(options.watched.server);
    report.operations = report.connections = crowd.connected_count();
    if (options.watched.server == 0) return report;
    const double grown = static_cast<double>(after) - static_cast<double>(before);
    report.figures = {{"rss_before", static_cast<double>(before)},
                      {"rss_after", static_cast<double>(after)},
                      {"rss_per_connection", grown / static_cast<double>(crowd.connected_count())}};
    return report;
}

}  // namespace bench::sockets
