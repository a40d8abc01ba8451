#include "chat/crowd.hpp"

#include <fmt/format.h>

#include "chat/people.hpp"

namespace bench::chat {
namespace {

constexpr std::size_t kConnectingAtOnce = 200;
// So few that ports are left for those who left a minute ago.
constexpr std::size_t kPerAddress = 1000;

}  // namespace

Crowd::Crowd(Poller& poller, Listener& listener, const Options& options, Report& report, std::size_t count)
    : poller_(poller),
      listener_(listener),
      report_(report),
      port_(options.port),
      cookies_(cookie_lines(0, count, options.jwt_secret)),
      connecting_of_(count) {
    ChatSocket::Listener& self = *this;
    for (std::size_t i = 0; i < count; ++i) sockets_.emplace_back(poller, self, i);
}

void Crowd::connect(std::size_t number) {
    waiting_.push_back(number);
    connect_waiting();
}

void Crowd::connect_waiting() {
    while (!waiting_.empty() && connecting_ < kConnectingAtOnce) {
        const std::size_t number = waiting_.front();
        waiting_.pop_front();
        ++connecting_;
        connecting_of_[number] = true;
        sockets_[number].open(port_, static_cast<unsigned>(1 + number / kPerAddress), user_id(number), cookies_[number]);
    }
}

void Crowd::leave(std::size_t number) {
    if (sockets_[number].has_joined()) --joined_;
    if (connecting_of_[number]) --connecting_;
    connecting_of_[number] = false;
    sockets_[number].leave();
}

bool Crowd::connect_all(Clock::time_point deadline) {
    for (std::size_t i = 0; i < size(); ++i) connect(i);
    if (poller_.run_until([this] { return joined_ == size() || (connecting_ == 0 && waiting_.empty()); }, deadline) && joined_ == size())
        return true;
    report_.fail(fmt::format("{} of {} sockets have joined", joined_, size()));
    return false;
}

void Crowd::leave_all() {
    waiting_.clear();
    for (std::size_t i = 0; i < size(); ++i) leave(i);
}

std::uint64_t Crowd::bytes_received() const {
    std::uint64_t bytes = 0;
    for (const ChatSocket& socket : sockets_) bytes += socket.bytes_received();
    return bytes;
}

void Crowd::joined(ChatSocket& socket) {
    if (connecting_of_[socket.number()]) --connecting_;
    connecting_of_[socket.number()] = false;
    ++joined_;
    connect_waiting();
}

void Crowd::heard_list(ChatSocket& socket, std::size_t count, std::string_view ids) {
    if (count == ChatSocket::kMalformed) return report_.fail("an online list is not one of ids");
    listener_.heard_list(socket.number(), count, ids);
}

void Crowd::heard_message(ChatSocket& socket, std::string_view message) {
    listener_.heard_message(socket.number(), message);
}

void Crowd::lost(ChatSocket& socket, std::string_view why) {
    report_.fail(fmt::format("the socket of user {} was closed: {}", socket.number(), why));
    if (connecting_of_[socket.number()]) {
        connecting_of_[socket.number()] = false;
        --connecting_;
    } else {
        --joined_;
    }
    connect_waiting();
}

}  // namespace bench::chat
