#include "chat/paced_sends.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chat/people.hpp"
#include "chat/sending.hpp"

namespace bench::chat {

PacedSends::PacedSends(Poller& poller, const Options& options, Report& report, Plan plan)
    : poller_(poller),
      port_(options.port),
      report_(report),
      plan_(plan),
      fields_(sender_fields(plan.first_sender, plan.senders, options.jwt_secret)),
      pacer_(poller, plan.rate, [this](std::uint64_t) { send_waiting(); }) {}

void PacedSends::send_waiting() {
    for (HttpConnection* connection; next_ < pacer_.called() && (connection = free_connection());) send(*connection, next_++);
}

HttpConnection* PacedSends::free_connection() {
    if (free_.empty() && connections_.size() < plan_.connections)
        free_.push_back(&connections_.emplace_back(poller_, static_cast<HttpConnection::Listener&>(*this), port_));
    if (free_.empty()) return nullptr;
    HttpConnection* const connection = free_.back();
    free_.pop_back();
    return connection;
}

void PacedSends::send(HttpConnection& connection, std::uint64_t number) {
    under_way_.push_back({&connection, number});
    connection.request("POST", send_target(receiver_of(number)), fields_[number % plan_.senders], send_body(number));
}

void PacedSends::answered(HttpConnection& connection, const HttpAnswer& answer) {
    const auto found = std::ranges::find(under_way_, &connection, &UnderWay::connection);
    if (answer.status == 201) {
        latencies_.add(Clock::now() - planned(found->number));
        ++answered_;
    } else {
        report_.fail(fmt::format("a send was answered {} {}", answer.status, answer.body.substr(0, 100)));
        ++failed_;
    }
    under_way_.erase(found);
    free_.push_back(&connection);
    send_waiting();
}

void PacedSends::failed(HttpConnection& connection, std::string_view why) {
    report_.fail(fmt::format("a send failed: {}", why));
    ++failed_;
    std::erase_if(under_way_, [&](const UnderWay& one) { return one.connection == &connection; });
    free_.push_back(&connection);
    poller_.at(Clock::now() + std::chrono::milliseconds(100), [this] { send_waiting(); });
}

}  // namespace bench::chat
