// Crowd: the sockets of many users, one each, and what they hear. Not more than 200 connect at the same time. A socket that is refused or lost is an error of
// the report, and does not come back by itself.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "chat/chat_socket.hpp"
#include "chat/options.hpp"

namespace bench::chat {

class Crowd final : private ChatSocket::Listener {
public:
    class Listener {
    public:
        virtual void heard_list(std::size_t, std::size_t /*count*/, std::string_view /*ids*/) {}
        virtual void heard_message(std::size_t, std::string_view /*message*/) {}

    protected:
        ~Listener() = default;
    };

    // The users 0 … count - 1. `listener` hears of them by these numbers.
    Crowd(Poller& poller, Listener& listener, const Options& options, Report& report, std::size_t count);

    std::size_t size() const { return sockets_.size(); }
    ChatSocket& socket(std::size_t number) { return sockets_[number]; }
    const ChatSocket& socket(std::size_t number) const { return sockets_[number]; }

    // Queued, if many are connecting already.
    void connect(std::size_t number);
    void leave(std::size_t number);
    // All of them, and waits; false: not all have joined by `deadline`, which is an error of the report.
    bool connect_all(Clock::time_point deadline);
    void leave_all();

    std::size_t joined_count() const { return joined_; }
    std::uint64_t bytes_received() const;  // since they connected

private:
    void joined(ChatSocket& socket) override;
    void heard_list(ChatSocket& socket, std::size_t count, std::string_view ids) override;
    void heard_message(ChatSocket& socket, std::string_view message) override;
    void lost(ChatSocket& socket, std::string_view why) override;
    void connect_waiting();

    Poller& poller_;
    Listener& listener_;
    Report& report_;
    const int port_;
    const std::vector<std::string> cookies_;
    std::deque<ChatSocket> sockets_;
    std::deque<std::size_t> waiting_;
    std::vector<bool> connecting_of_;
    std::size_t connecting_ = 0;
    std::size_t joined_ = 0;
};

}  // namespace bench::chat
