// Who is online: how long until everybody knows after all have come at once, and after each change from then on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <vector>

#include "chat/closed_loop.hpp"
#include "chat/online_lists.hpp"
#include "chat/scenarios.hpp"

namespace bench::chat {
namespace {

constexpr std::chrono::seconds kGathering{60};
constexpr std::chrono::seconds kChange{30};

class Presence {
public:
    Presence(const Options& options, Report& report)
        : options_(options),
          report_(report),
          lists_(options.users.value_or(1000)),
          crowd_(poller_, lists_, options, report, options.users.value_or(1000)) {
        report.connections = crowd_.size();
        lists_.choose_lookers(crowd_);
    }

    // From the first connect to when every socket has the complete list.
    bool gather() {
        for (std::size_t i = 0; i < crowd_.size(); ++i) lists_.set_online(i, true);
        const Stopwatch stopwatch(options_.watched);
        const auto deadline = Clock::now() + kGathering;
        const bool well = crowd_.connect_all(deadline) && all_know(deadline);
        stopwatch.stop(report_);
        report_.operations = lists_.right();
        add("all_listed_seconds", report_.seconds);
        add("bytes_per_client", per_client(crowd_.bytes_received()));
        add("lists_per_client", per_client(lists_.heard()));
        return well;
    }

    // Some leave, and when all know, come back; and so on.
    void churn() {
        const auto end = Clock::now() + duration_of(options_.seconds);
        const std::uint64_t heard = lists_.heard();
        Report change;
        const Stopwatch stopwatch(options_.watched);
        std::uint64_t changes = 0;
        bool well = true;
        while (well && Clock::now() < end) {
            const auto chosen = choose();
            well = timed([&] { leave(chosen); }) && timed([&] { come_back(chosen); });
            changes += 2;
        }
        stopwatch.stop(change);
        if (changes == 0) return;
        add("changes", static_cast<double>(changes));
        add("lists_per_client_and_change", per_client(lists_.heard() - heard) / static_cast<double>(changes));
        if (change.server_cpu)
            add("server_cpu_ms_per_change",
                std::chrono::duration<double, std::milli>(*change.server_cpu).count() / static_cast<double>(changes));
    }

private:
    bool all_know(Clock::time_point deadline) {
        if (poller_.run_until([this] { return lists_.right() == lists_.online(); }, deadline)) return true;
        report_.fail(fmt::format("{} of {} sockets have the right list", lists_.right(), lists_.online()));
        return false;
    }

    template <class Change>
    bool timed(Change change) {
        const auto began = Clock::now();
        change();
        const bool well = all_know(began + kChange);
        if (well) report_.latency.add(Clock::now() - began);
        return well;
    }

    std::vector<std::size_t> choose() {
        std::vector<std::size_t> all(crowd_.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        std::vector<std::size_t> chosen;
        std::sample(all.begin(), all.end(), std::back_inserter(chosen), static_cast<std::ptrdiff_t>(options_.leaving.value_or(10)),
                    random_);
        return chosen;
    }
    void leave(const std::vector<std::size_t>& chosen) {
        for (const std::size_t number : chosen) {
            crowd_.leave(number);
            lists_.set_online(number, false);
        }
        lists_.expect_news();
    }
    void come_back(const std::vector<std::size_t>& chosen) {
        for (const std::size_t number : chosen) {
            crowd_.connect(number);
            lists_.set_online(number, true);
        }
        lists_.expect_news();
    }

    double per_client(std::uint64_t sum) const { return static_cast<double>(sum) / static_cast<double>(crowd_.size()); }
    void add(std::string_view name, double value) { report_.figures.emplace_back(name, value); }

    const Options& options_;
    Report& report_;
    Poller poller_;
    OnlineLists lists_;
    Crowd crowd_;
    std::mt19937 random_{1};
};

}  // namespace

void presence(const Options& options, Report& report) {
    Presence presence(options, report);
    if (presence.gather()) presence.churn();
}

}  // namespace bench::chat
