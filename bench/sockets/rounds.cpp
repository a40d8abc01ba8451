// broadcast, rooms: groups in which one speaks, all hear it, and then one speaks again.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sockets/crowd.hpp"
#include "sockets/scenarios.hpp"

namespace bench::sockets {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 5s;

struct Group {
    std::size_t first = 0;  // its clients
    std::size_t end = 0;
    std::size_t awaited = 0;  // how many have not heard this round
    std::uint64_t round = 0;
    Clock::time_point planned;
    Clock::time_point spoken;
    std::string event;  // of this round, as all are to hear it
};

class Rounds final : private Crowd::Listener {
public:
    Rounds(const Options& options, bool rooms)
        : options_(options),
          rooms_(rooms),
          group_size_(rooms ? options.room_size : options.connections),
          crowd_(poller_, report_, options, this),
          heard_(options.connections) {
        for (std::size_t first = 0; first < options.connections; first += group_size_) {
            groups_.emplace_back().first = first;
            groups_.back().end = std::min(first + group_size_, options.connections);
        }
    }

    Report run() {
        Histogram connecting;
        crowd_.connect(connecting);
        if (rooms_) join();
        start();
        crowd_.measure(options_, measuring_);
        finish();
        return report_;
    }

private:
    static std::string room(std::size_t group) { return fmt::format("r{}", group); }

    void join() {
        for (std::size_t client = 0; client < crowd_.size(); ++client) {
            if (crowd_[client].connected()) crowd_[client].send(fmt::format(R"(42["join","{}"])", room(client / group_size_)));
        }
        if (!poller_.run_until([this] { return joined_ >= crowd_.connected_count(); }, Clock::now() + kPatience)) {
            throw std::runtime_error("not all were let into their rooms");
        }
    }

    void start() {
        const auto groups = static_cast<std::int64_t>(groups_.size());
        if (options_.rate > 0)
            interval_ =
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(groups) / options_.rate));
        const auto begin = Clock::now();
        for (std::int64_t i = 0; i < groups; ++i) plan(groups_[static_cast<std::size_t>(i)], begin + interval_ * i / groups);
        poller_.at(begin + 1s, [this] { look_for_stalls(); });
    }

    void plan(Group& group, Clock::time_point planned) {
        group.planned = planned;
        if (interval_.count() == 0 || planned <= Clock::now()) return speak(group);
        poller_.at(planned, [this, &group] { speak(group); });
    }

    void speak(Group& group) {
        if (finishing_) return;
        SocketIoClient* speaker = nullptr;
        group.awaited = 0;
        for (std::size_t client = group.first; client < group.end; ++client) {
            if (!crowd_[client].connected()) continue;
            ++group.awaited;
            if (speaker == nullptr) speaker = &crowd_[client];
        }
        if (speaker == nullptr) return;
        ++group.round;
        group.spoken = Clock::now();
        const auto number = static_cast<std::size_t>(&group - groups_.data());
        const std::string text = fmt::format("{}.{} {}", number, group.round, text_);
        group.event = fmt::format(R"(["{}","{}"])", rooms_ ? "room" : "bcast", text);
        speaker->send(rooms_ ? fmt::format(R"(42["room","{}","{}"])", room(number), text) : "42" + group.event);
    }

    void event(SocketIoClient& client, std::string_view event) override {
        Group& group = groups_[client.number() / group_size_];
        std::uint64_t& heard = heard_[client.number()];
        if (event != group.event || heard == group.round) {
            if (event.starts_with(R"(["joined",)")) {
                ++joined_;
            } else {
                report_.fail("a delivery that was late, twice or to the wrong one");
            }
            return;
        }
        heard = group.round;
        const auto now = Clock::now();
        if (measuring_) {
            ++report_.operations;
            deliveries_.add(now - group.planned);
        }
        if (--group.awaited == 0) finish_round(group, now);
    }

    void finish_round(Group& group, Clock::time_point now) {
        if (measuring_) report_.latency.add(now - group.planned);
        plan(group, interval_.count() == 0 ? now : group.planned + interval_);
    }

    void lost(SocketIoClient& client) override {
        Group& group = groups_[client.number() / group_size_];
        if (group.awaited > 0 && heard_[client.number()] != group.round && --group.awaited == 0) finish_round(group, Clock::now());
    }

    void look_for_stalls() {
        const auto now = Clock::now();
        for (Group& group : groups_) {
            if (group.awaited == 0 || now - group.spoken < kPatience) continue;
            count_missing(group);
            plan(group, now);
        }
        if (!finishing_) poller_.at(now + 1s, [this] { look_for_stalls(); });
    }

    void count_missing(Group& group) {
        for (; group.awaited > 0; --group.awaited) report_.fail("a delivery did not come within five seconds");
    }

    void finish() {
        finishing_ = true;
        poller_.run_until([this] { return std::ranges::all_of(groups_, [](const Group& group) { return group.awaited == 0; }); },
                          Clock::now() + kPatience);
        for (Group& group : groups_) count_missing(group);
        const auto us = [this](double share) { return static_cast<double>(deliveries_.quantile(share).count()) / 1000; };
        report_.figures = {{"delivery_p50_us", us(0.5)}, {"delivery_p95_us", us(0.95)}, {"delivery_p99_us", us(0.99)}};
        report_.connections = crowd_.connected_count();
    }

    const Options& options_;
    const bool rooms_;
    const std::size_t group_size_;
    const std::string text_ = text_of(options_.payload);
    Report report_;
    Poller poller_;
    Crowd crowd_;
    std::vector<Group> groups_;
    std::vector<std::uint64_t> heard_;  // by client: the last round
    std::size_t joined_ = 0;
    Histogram deliveries_;
    Clock::duration interval_{};  // between the beginnings of two rounds of a group; 0: the end of one is the beginning of the next
    bool measuring_ = false;
    bool finishing_ = false;
};

}  // namespace

Report run_broadcast(const Options& options) {
    return Rounds(options, false).run();
}

Report run_rooms(const Options& options) {
    return Rounds(options, true).run();
}

}  // namespace bench::sockets
