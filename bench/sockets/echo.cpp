// echo: what comes back to each client.
#include <fmt/format.h>

#include "sockets/crowd.hpp"
#include "sockets/scenarios.hpp"

namespace bench::sockets {
namespace {

using namespace std::chrono_literals;

class Echo final : private Crowd::Listener {
public:
    explicit Echo(const Options& options)
        : options_(options),
          crowd_(poller_, report_, options, this),
          packet_(fmt::format(R"(42["echo","{}"])", text_of(options.payload))),
          event_(std::string_view(packet_).substr(2)),
          flights_(options.connections * options.pipeline),
          oldest_(options.connections),
          flying_of_(options.connections) {}

    Report run() {
        Histogram connecting;
        crowd_.connect(connecting);
        start();
        crowd_.measure(options_, measuring_);
        finish();
        return report_;
    }

private:
    // With a rate, every place in flight has a time of its own in the interval in which each sends once.
    void start() {
        const double rate = options_.rate;
        if (rate > 0)
            interval_ =
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(flights_.size()) / rate));
        const auto begin = Clock::now();
        for (std::size_t round = 0; round < options_.pipeline; ++round) {
            for (std::size_t client = 0; client < crowd_.size(); ++client) {
                const auto place = static_cast<std::int64_t>(round * crowd_.size() + client);
                fly(client, round, begin + interval_ * place / static_cast<std::int64_t>(flights_.size()));
            }
        }
    }

    void fly(std::size_t client, std::size_t slot, Clock::time_point planned) {
        flights_[client * options_.pipeline + slot] = planned;
        if (interval_.count() == 0 || planned <= Clock::now()) return say(client);
        poller_.at(planned, [this, client] { say(client); });
    }

    void say(std::size_t client) {
        if (finishing_ || !crowd_[client].connected()) return;
        ++flying_;
        ++flying_of_[client];
        crowd_[client].send(packet_);
    }

    void event(SocketIoClient& client, std::string_view event) override {
        const std::size_t number = client.number();
        if (event != event_ || flying_of_[number] == 0) return report_.fail("not what was said");
        --flying_;
        --flying_of_[number];
        const auto now = Clock::now();
        const std::size_t slot = oldest_[number];
        oldest_[number] = slot + 1 == options_.pipeline ? 0 : static_cast<unsigned>(slot + 1);
        const auto began = flights_[number * options_.pipeline + slot];
        if (measuring_) {
            ++report_.operations;
            report_.latency.add(now - began);
        }
        fly(number, slot, interval_.count() == 0 ? now : began + interval_);
    }

    void lost(SocketIoClient& client) override {
        flying_ -= flying_of_[client.number()];
        flying_of_[client.number()] = 0;
    }

    void finish() {
        finishing_ = true;
        poller_.run_until([this] { return flying_ == 0; }, Clock::now() + 5s);
        for (; flying_ > 0; --flying_) report_.fail("an answer did not come within five seconds");
        report_.connections = crowd_.connected_count();
    }

    const Options& options_;
    Report report_;
    Poller poller_;
    Crowd crowd_;
    const std::string packet_;
    const std::string_view event_;
    std::vector<Clock::time_point> flights_;  // when each began, or was to: `pipeline` of each client
    std::vector<unsigned> oldest_;            // by client: the flight that ends next
    std::vector<unsigned> flying_of_;         // by client
    std::uint64_t flying_ = 0;
    Clock::duration interval_{};  // between two of one flight's beginnings; 0: the end of one is the beginning of the next
    bool measuring_ = false;
    bool finishing_ = false;
};

}  // namespace

Report run_echo(const Options& options) {
    return Echo(options).run();
}

}  // namespace bench::sockets
