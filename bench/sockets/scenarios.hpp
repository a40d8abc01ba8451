// The scenarios of sockets_load. Each connects its clients, measures for a while, and reports; every connection that is refused or lost, every answer that
// does not come within five seconds or is not what was expected is an error of the report. Each throws std::runtime_error if it cannot run at all.
#pragma once

#include "sockets/options.hpp"

namespace bench::sockets {

// All connect as fast as the server lets them, leave, and so on; operation: a client that is connected.
Report run_connect(const Options& options);
// The same over polling, with the upgrade that follows. Figure: requests_per_client, over HTTP.
Report run_upgrade(const Options& options);
// Nothing is said. Figures: rss_before, rss_after and rss_per_connection, in bytes.
Report run_idle(const Options& options);
// Each client says something again and again; operation: an answer.
Report run_echo(const Options& options);
// One client speaks, all hear it, then again; operation: a delivery; latency: until the last has it. Figures: delivery_p50_us and so on, of each delivery.
Report run_broadcast(const Options& options);
// The same in each of many rooms at a time.
Report run_rooms(const Options& options);

}  // namespace bench::sockets
