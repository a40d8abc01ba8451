// Measures a Socket.IO server over loopback with many clients on one thread, and prints one line of JSON (report/report.hpp).
//
//     sockets_load connect|upgrade|idle|echo|broadcast|rooms --port P [--server-pid PID] [--connections N] [--seconds S] [--payload BYTES]
//                  [--pipeline K] [--room-size R] [--rate PER_SECOND] [--warm] [--opening AT_ONCE]
//
// The server does with namespace "/" what the servers of bench/peers/ do: `echo` comes back with its arguments, `bcast` goes to everybody with them, `join`
// lets its sender into the room it names and is answered `joined`, `room` goes to the room of its first argument with its second.
#include <fmt/format.h>

#include <array>
#include <exception>
#include <stdexcept>
#include <string_view>

#include "report/process_usage.hpp"
#include "sockets/scenarios.hpp"

namespace {

using namespace bench;
using namespace bench::sockets;

struct Scenario {
    std::string_view name;
    Report (*run)(const Options& options);
};

constexpr std::array kScenarios{Scenario{"connect", run_connect}, Scenario{"upgrade", run_upgrade},     Scenario{"idle", run_idle},
                                Scenario{"echo", run_echo},       Scenario{"broadcast", run_broadcast}, Scenario{"rooms", run_rooms}};

const Scenario& find_scenario(std::string_view name) {
    for (const Scenario& scenario : kScenarios) {
        if (scenario.name == name) return scenario;
    }
    throw std::invalid_argument(fmt::format("unknown scenario {}", name));
}

// A client that is being opened may take three.
void check_descriptors(const Options& options) {
    const std::size_t needed = options.connections + 2 * options.opening + 32;
    const std::size_t limit = raise_descriptor_limit();
    if (needed > limit) throw std::invalid_argument(fmt::format("{} descriptors would be needed, {} are allowed", needed, limit));
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const Options options = read_options(count, arguments);
        const Scenario& scenario = find_scenario(options.scenario);
        check_descriptors(options);
        Report report = scenario.run(options);
        report.scenario = options.scenario;
        report.print();
        return 0;
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "sockets_load: {}\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        fmt::print(stderr, "sockets_load: {}\n", error.what());
        return 1;
    }
}
