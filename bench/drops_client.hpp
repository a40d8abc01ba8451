// DropsClient: one of the clients of drops.cpp. Keeps its private id and last offset as the JavaScript client does, so that after a cut it gets what it
// missed, and checks that every numbered message of its room and of everybody comes once and in order.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clients/websocket.hpp"

namespace bench {

// Messages are ["m", stream, number, planned, …]: the number counts from 1 within the stream, planned is the time at which the message was to be sent,
// in microseconds of the steady clock, and grows from message to message.
enum Stream : std::size_t { kEverybody, kRoom };

// What happened to all clients together. Times in microseconds.
struct Tally {
    std::uint64_t delivered = 0;
    std::uint64_t missing = 0;       // numbers left out
    std::uint64_t repeated = 0;      // numbers that had come, or had been left out, before
    std::uint64_t out_of_order = 0;  // planned before the one that came before it
    std::uint64_t returns = 0;
    std::uint64_t not_recovered = 0;              // returns that got a new session
    std::uint64_t unexpected_ends = 0;            // connections that the server closed or refused
    std::vector<std::uint32_t> delays;            // from planned to received, of all messages
    std::vector<std::uint32_t> connected_delays;  // of those planned while the receiver was connected
    std::vector<std::uint32_t> return_times;      // from connecting to the CONNECT answer
};

// How connections are lost.
enum class Cut {
    Reset,   // the server learns at once
    Silent,  // the server learns nothing; the old connection is reset at the next cut
};

class DropsClient final : private WebSocket::Listener {
public:
    DropsClient(Poller& poller, Tally& tally, int port, unsigned number, unsigned room);
    ~DropsClient();

    void connect();
    void lose(Cut cut);
    bool connected() const { return connected_; }

    // Has everything come, when these are the last numbers of its streams?
    bool has_all(std::array<std::uint64_t, 2> last) const { return next_[kEverybody] > last[kEverybody] && next_[kRoom] > last[kRoom]; }
    void count_missing(std::array<std::uint64_t, 2> last);
    unsigned room() const { return room_; }

private:
    void opened() override {}
    void received(unsigned char first_byte, std::string_view payload) override;
    void closed(std::string_view why) override;
    void answered(std::string_view json);
    void take(std::string_view arguments);
    std::string connect_packet() const;

    Poller& poller_;
    Tally& tally_;
    const int port_;
    const unsigned number_;
    const unsigned room_;
    WebSocket socket_;
    int hung_ = -1;  // a connection lost silently
    bool connected_ = false;
    Clock::time_point connecting_since_;
    std::int64_t connected_since_ = 0;
    std::string pid_;
    std::string offset_;
    std::array<std::uint64_t, 2> next_{1, 1};
    std::int64_t last_planned_ = 0;
};

std::int64_t microseconds(Clock::time_point time);

}  // namespace bench
