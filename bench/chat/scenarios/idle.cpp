// What sockets cost in memory that do nothing, and what is left behind by those who come and go.
#include <fmt/format.h>

#include <random>

#include "chat/closed_loop.hpp"
#include "chat/online_lists.hpp"
#include "chat/pacer.hpp"
#include "chat/scenarios.hpp"
#include "report/process_usage.hpp"

namespace bench::chat {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kQuiet{1};
constexpr std::chrono::milliseconds kAway{500};
constexpr double kChurnRate = 100;

class Idle {
public:
    Idle(const Options& options, Report& report)
        : options_(options),
          report_(report),
          lists_(options.users.value_or(1000)),
          crowd_(poller_, lists_, options, report, options.users.value_or(1000)),
          leaving_(poller_, options.rate.value_or(kChurnRate), [this](std::uint64_t) { one_leaves(); }) {
        report.connections = report.operations = crowd_.size();
        for (std::size_t i = 0; i < crowd_.size(); ++i) lists_.set_online(i, true);
    }

    void run() {
        if (options_.warm && !(connect() && disconnect())) return;
        const std::size_t before = resident();
        const Stopwatch stopwatch(options_.watched);
        if (!connect()) return;
        stopwatch.stop(report_);
        const std::size_t connected = resident();
        add("rss_before", before);
        add("rss_connected", connected);
        add("rss_per_socket", per_socket(before, connected));
        if (options_.churn > 0 && churn()) add("rss_after_churn", per_socket(before, resident()));
    }

private:
    bool connect() {
        lists_.expect_news();
        const auto deadline = Clock::now() + kPatience;
        return crowd_.connect_all(deadline) && settle(deadline);
    }

    bool disconnect() {
        crowd_.leave_all();
        poller_.run_until([] { return false; }, Clock::now() + 2 * kQuiet);
        return true;
    }

    // Everybody has the complete list, and for a second nothing comes.
    bool settle(Clock::time_point deadline) {
        bool quiet = poller_.run_until([this] { return lists_.right() == crowd_.size(); }, deadline);
        for (bool heard = quiet; heard && Clock::now() < deadline;) {
            const std::uint64_t lists = lists_.heard();
            poller_.run_until([] { return false; }, Clock::now() + kQuiet);
            heard = lists != lists_.heard();
            quiet = !heard;
        }
        if (!quiet) report_.fail(fmt::format("{} of {} sockets have the complete list", lists_.right(), crowd_.size()));
        return quiet;
    }

    bool churn() {
        leaving_.start(Clock::now());
        poller_.run_until([] { return false; }, Clock::now() + duration_of(options_.churn));
        leaving_.stop();
        poller_.run_until([] { return false; }, Clock::now() + 2 * kAway);
        add("left_and_returned", static_cast<double>(returned_));
        lists_.expect_news();
        // A last one leaves, so that everybody gets a list.
        one_leaves();
        const auto deadline = Clock::now() + kPatience;
        return poller_.run_until([this] { return crowd_.joined_count() == crowd_.size(); }, deadline) && settle(deadline);
    }

    void one_leaves() {
        const std::size_t number = random_() % crowd_.size();
        if (!crowd_.socket(number).has_joined()) return;
        crowd_.leave(number);
        poller_.at(Clock::now() + kAway, [this, number] {
            crowd_.connect(number);
            ++returned_;
        });
    }

    std::size_t resident() const { return resident_bytes(options_.watched.server); }
    double per_socket(std::size_t before, std::size_t after) const {
        return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(crowd_.size());
    }
    void add(std::string_view name, double value) { report_.figures.emplace_back(name, value); }

    const Options& options_;
    Report& report_;
    Poller poller_;
    OnlineLists lists_;
    Crowd crowd_;
    Pacer leaving_;
    std::uint64_t returned_ = 0;
    std::mt19937 random_{1};
};

}  // namespace

void idle(const Options& options, Report& report) {
    Idle(options, report).run();
}

}  // namespace bench::chat
