// Connection state recovery under load: clients that are each cut every 15 s for 2 s, while numbered messages flow to rooms and to everybody. Checks
// that every message reaches everyone it was for, once and in order, and prints a Markdown table with one column for each server.
//
//     drops CLIENTS SECONDS reset|silent NAME=COMMAND...          (bench/drops_run has the usual ones)
//
// COMMAND starts a server that prints its http://…:PORT, lets a client into the room of its CONNECT auth, and does with the event
// ["say", room, …] what a chat does: emits ["m", …] to the room, or to everybody if it is "". Every client is in one room of fifty. Delays are counted
// from when a message was to be sent, not from when it was, so that a server that stalls pays for everything it held up.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "drops_client.hpp"
#include "process.hpp"

namespace {

using namespace bench;
using namespace std::chrono_literals;

constexpr auto kCycle = 15s;
constexpr auto kAway = 2s;
constexpr unsigned kRoomSize = 50;
constexpr auto kBetweenMessages = 1'000'000us / 102;  // 2 a second to everybody, 100 to rooms
constexpr std::uint64_t kRoomMessagesPerOther = 50;
constexpr std::size_t kConnectingAtOnce = 50;

// The one who speaks; never cut.
class Speaker final : private WebSocket::Listener {
public:
    Speaker(Poller& poller, int port, unsigned rooms) : poller_(poller), socket_(poller, *this), last_in_room_(rooms) {
        socket_.open(port, 100, "/socket.io/?EIO=4&transport=websocket");
    }

    void speak(Clock::time_point begin, Clock::time_point end) { say(begin, end); }
    bool connected() const { return connected_; }
    bool finished() const { return finished_; }
    // The last numbers of the two streams of someone in that room.
    std::array<std::uint64_t, 2> last(unsigned room) const { return {last_to_everybody_, last_in_room_.at(room)}; }

private:
    void opened() override {}
    void received(unsigned char, std::string_view payload) override {
        if (payload == "2") socket_.send_text("3");
        if (payload.starts_with("0{")) socket_.send_text("40");
        if (payload.starts_with("40{")) connected_ = true;
    }
    void closed(std::string_view why) override { throw std::runtime_error(fmt::format("the speaker lost its connection: {}", why)); }

    void say(Clock::time_point planned, Clock::time_point end) {
        if (planned >= end) {
            finished_ = true;
            return;
        }
        if (said_++ % (kRoomMessagesPerOther + 1) == 0) {
            socket_.send_text(message("", kEverybody, ++last_to_everybody_, planned));
        } else {
            const unsigned room = next_room_++ % last_in_room_.size();
            socket_.send_text(message(fmt::format("r{}", room), kRoom, ++last_in_room_[room], planned));
        }
        poller_.at(planned + kBetweenMessages, [this, planned, end] { say(planned + kBetweenMessages, end); });
    }

    static std::string message(std::string_view room, Stream stream, std::uint64_t number, Clock::time_point planned) {
        return fmt::format(R"(42["say","{}",{},{},{}])", room, static_cast<unsigned>(stream), number, microseconds(planned));
    }

    Poller& poller_;
    WebSocket socket_;
    bool connected_ = false;
    bool finished_ = false;
    std::uint64_t said_ = 0;
    std::uint64_t last_to_everybody_ = 0;
    std::vector<std::uint64_t> last_in_room_;
    unsigned next_room_ = 0;
};

struct Plan {
    unsigned clients;
    std::chrono::seconds duration;
    Cut cut;
};

struct Outcome {
    Tally tally;
    std::uint64_t expected = 0;
    double cpu_seconds = 0;
    long rss_kib = 0;
};

// One server, from its start to its end.
class Run {
public:
    Run(const Plan& plan, const std::vector<std::string>& command)
        : plan_(plan), server_(command), speaker_(poller_, server_.port(), rooms()) {
        for (unsigned i = 0; i < plan_.clients; ++i) {
            clients_.push_back(std::make_unique<DropsClient>(poller_, outcome_.tally, server_.port(), i, i % rooms()));
        }
    }

    Outcome go() {
        connect_all();
        const double cpu_before = server_.cpu_seconds();
        const auto begin = Clock::now() + 1s;
        const auto end = begin + plan_.duration;
        for (unsigned i = 0; i < plan_.clients; ++i)
            cut_later(*clients_[i], begin + std::chrono::microseconds(kCycle) * i / plan_.clients, end);
        poller_.at(begin, [this, begin, end] { speaker_.speak(begin, end); });
        poller_.run_until([this] { return speaker_.finished(); }, end + 60s);
        outcome_.rss_kib = server_.rss_kib();
        outcome_.cpu_seconds = server_.cpu_seconds() - cpu_before;
        wait_for_the_last();
        return std::move(outcome_);
    }

private:
    unsigned rooms() const { return std::max(1u, plan_.clients / kRoomSize); }

    void connect_all() {
        std::size_t begun = 0;
        const auto connected = [](const auto& client) { return client->connected(); };
        while (begun < clients_.size()) {
            const std::size_t end = std::min(begun + kConnectingAtOnce, clients_.size());
            for (std::size_t i = begun; i < end; ++i) clients_[i]->connect();
            const auto all = [&] {
                return std::all_of(clients_.begin() + static_cast<std::ptrdiff_t>(begun),
                                   clients_.begin() + static_cast<std::ptrdiff_t>(end), connected);
            };
            if (!poller_.run_until(all, Clock::now() + 30s)) throw std::runtime_error("the clients cannot connect");
            begun = end;
        }
        poller_.run_until([this] { return speaker_.connected(); }, Clock::now() + 30s);
    }

    // Everybody is back when the messages end.
    void cut_later(DropsClient& client, Clock::time_point when, Clock::time_point end) {
        if (when + kAway >= end) return;
        poller_.at(when, [this, &client, when, end] {
            client.lose(plan_.cut);
            poller_.at(when + kAway, [&client] { client.connect(); });
            cut_later(client, when + kCycle, end);
        });
    }

    void wait_for_the_last() {
        const auto has_all = [this](const auto& client) { return client->has_all(speaker_.last(client->room())); };
        poller_.run_until([&] { return std::ranges::all_of(clients_, has_all); }, Clock::now() + 10s);
        for (const auto& client : clients_) {
            const auto last = speaker_.last(client->room());
            outcome_.expected += last[kEverybody] + last[kRoom];
            client->count_missing(last);
        }
    }

    const Plan plan_;
    Process server_;
    Poller poller_;
    Outcome outcome_;
    Speaker speaker_;
    std::vector<std::unique_ptr<DropsClient>> clients_;
};

std::string percentiles(std::vector<std::uint32_t>& values) {
    if (values.empty()) return "none";
    std::ranges::sort(values);
    const auto at = [&](double share) { return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))] / 1000.0; };
    return fmt::format("{:.1f} / {:.1f} / {:.1f} / {:.1f} ms", at(0.5), at(0.95), at(0.99), at(1));
}

struct Column {
    std::string name;
    Outcome outcome;
};

void row(std::string_view what, std::vector<Column>& columns, const std::function<std::string(Outcome&)>& figure) {
    fmt::print("| {} |", what);
    for (Column& column : columns) fmt::print(" {} |", figure(column.outcome));
    fmt::print("\n");
}

void print_table(std::vector<Column>& columns) {
    fmt::print("| |");
    for (const Column& column : columns) fmt::print(" {} |", column.name);
    fmt::print("\n|---|");
    for (std::size_t i = 0; i < columns.size(); ++i) fmt::print("---|");
    fmt::print("\n");
    row("messages to deliver", columns, [](Outcome& o) { return fmt::format("{}", o.expected); });
    row("delivered", columns, [](Outcome& o) {
        return fmt::format("{} ({:.4f} %)", o.tally.delivered,
                           100.0 * static_cast<double>(o.tally.delivered) / static_cast<double>(o.expected));
    });
    row("missing, repeated, out of order", columns,
        [](Outcome& o) { return fmt::format("{}, {}, {}", o.tally.missing, o.tally.repeated, o.tally.out_of_order); });
    row("returns, of them not recovered", columns,
        [](Outcome& o) { return fmt::format("{}, {}", o.tally.returns, o.tally.not_recovered); });
    row("connections the server ended", columns, [](Outcome& o) { return fmt::format("{}", o.tally.unexpected_ends); });
    row("delay while connected, p50 / p95 / p99 / worst", columns, [](Outcome& o) { return percentiles(o.tally.connected_delays); });
    row("delay of all, time away included, p50 / p95 / p99 / worst", columns, [](Outcome& o) { return percentiles(o.tally.delays); });
    row("from connecting again to the CONNECT answer, p50 / p95 / p99 / worst", columns,
        [](Outcome& o) { return percentiles(o.tally.return_times); });
    row("server CPU", columns, [](Outcome& o) { return fmt::format("{:.1f} s", o.cpu_seconds); });
    row("server memory at the end", columns, [](Outcome& o) { return fmt::format("{:.1f} MB", static_cast<double>(o.rss_kib) / 1024); });
}

bool perfect(const Outcome& outcome) {
    const Tally& tally = outcome.tally;
    return tally.delivered == outcome.expected && tally.missing + tally.repeated + tally.out_of_order == 0;
}

std::vector<std::string> words(const std::string& command) {
    std::istringstream stream(command);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

Column measure(const Plan& plan, const std::string& argument) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos) throw std::runtime_error("NAME=COMMAND expected: " + argument);
    return {argument.substr(0, equals), Run(plan, words(argument.substr(equals + 1))).go()};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        fmt::print(stderr, "usage: drops CLIENTS SECONDS reset|silent NAME=COMMAND...\n");
        return 2;
    }
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    try {
        const Plan plan{static_cast<unsigned>(std::atoi(argv[1])), std::chrono::seconds(std::atoi(argv[2])),
                        std::string_view(argv[3]) == "silent" ? Cut::Silent : Cut::Reset};
        std::vector<Column> columns;
        for (int i = 4; i < argc; ++i) columns.push_back(measure(plan, argv[i]));
        print_table(columns);
        return perfect(columns.front().outcome) ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "drops: {}\n", error.what());
        return 1;
    }
}
