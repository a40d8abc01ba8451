// Plays clients of a chat server that keeps the contract (REST and Socket.IO of the frontend), whoever's it is, and prints what it found out as one line of
// JSON (report/report.hpp). One thread; everything is bounded in time. Exit code 0 unless the scenario could not run at all.
#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <map>
#include <stdexcept>

#include "chat/arguments.hpp"
#include "chat/scenarios.hpp"
#include "report/process_usage.hpp"

namespace {

using namespace bench;
using namespace bench::chat;

constexpr std::string_view kUsage =
    R"(usage: chat_load SCENARIO --port P --jwt-secret S [--server-pid PID] [--database-pid PID] [--seconds T (5)] ...
The server knows the users that chat_users wrote, and limits no rates.

  signup      --clients C (8)    new people sign up, each client one after the other
  login       --clients C (8)    users log in; --users N (200) of them in turn
              --sends            meanwhile 16 others send, --rate R (160) in all: send_p99_before_us, send_p99_during_us
  storm       --clients C (100)  as many logins at the same time, once; others send as above
  send        --clients C (64)   the users 2, 3, ... in pairs, each client one message after the other
  history     --clients C (16)   a conversation of --messages M (20), made longer by sending if it is shorter
  users       --clients C (16)   the list of everybody; --unchanged: with the ETag of the first, so 304s
  smallest    --clients C (64)   GET --path (/health/live)
  end_to_end  --users N (200)    sockets that receive; --rate R (50) messages by REST, over --clients C (64) connections at most;
                                 latency from when a message was to be sent to newMessage
  capacity    --users N (200)    the same, --clients C (64) send one message after the other: capacity_per_second
  presence    --users N (1000)   sockets connect at once, until each has the complete list; then for --seconds T
                                 --leaving K (10) of them leave and come back: latency from a change to when all have the right list
  idle        --users N (1000)   sockets: rss_per_socket; --warm: once before; --churn T: seconds of leaving and coming back, --rate R (100)

end_to_end and capacity send as the users N, N + 1, ...: 8 of them, or C.
)";

const std::map<std::string_view, void (*)(const Options&, Report&)> kScenarios{
    {"signup", sign_up},    {"login", log_in},      {"storm", login_storm}, {"send", send},
    {"history", history},   {"users", users},       {"smallest", smallest}, {"end_to_end", end_to_end},
    {"capacity", capacity}, {"presence", presence}, {"idle", idle},
};

Options read_options(const Arguments& arguments) {
    Options options;
    options.port = static_cast<int>(arguments.count("port").value_or(0));
    options.jwt_secret = arguments.text("jwt-secret");
    options.watched.server = static_cast<pid_t>(arguments.count("server-pid").value_or(0));
    options.watched.database = static_cast<pid_t>(arguments.count("database-pid").value_or(0));
    options.users = arguments.count("users");
    options.clients = arguments.count("clients");
    options.messages = arguments.count("messages");
    options.leaving = arguments.count("leaving");
    options.rate = arguments.number("rate");
    options.seconds = arguments.number("seconds").value_or(options.seconds);
    options.churn = arguments.number("churn").value_or(0);
    options.path = arguments.text("path", "/health/live");
    options.sends = arguments.has("sends");
    options.unchanged = arguments.has("unchanged");
    options.warm = arguments.has("warm");
    return options;
}

// Answers of hundreds of KiB come and go: giving their memory back each time would cost the loader five times what reading them does.
void keep_freed_memory() {
    ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
}

void run(const Arguments& arguments) {
    const auto found = arguments.words().size() == 1 ? kScenarios.find(arguments.words()[0]) : kScenarios.end();
    const Options options = read_options(arguments);
    if (found == kScenarios.end() || options.port == 0 || options.jwt_secret.empty()) throw std::runtime_error(std::string(kUsage));
    raise_descriptor_limit();
    keep_freed_memory();
    Report report;
    report.scenario = found->first;
    found->second(options, report);
    report.print();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(Arguments(argc, argv,
                      {"port", "jwt-secret", "server-pid", "database-pid", "users", "clients", "messages", "leaving", "rate", "seconds",
                       "churn", "path"},
                      {"sends", "unchanged", "warm"}));
    } catch (const std::exception& error) {
        fmt::print(stderr, "chat_load: {}\n", error.what());
        return 1;
    }
}
