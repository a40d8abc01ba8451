// A session's heartbeat. Version 4 (engine.io-protocol, "Heartbeat"): the server pings every interval and expects a pong within the time-out.
// Version 3: the client pings, and has the interval and the time-out for it.
#include <algorithm>

#include "session_impl.hpp"
#include "shard.hpp"

namespace parley::engineio {
namespace {

constexpr std::string_view kPing = "2";

}  // namespace

void SessionImpl::start_heartbeat() {
    expect_within(Clock::now(), beats_by_client() ? client_beat() : shard_.options().ping_interval);
}

std::chrono::milliseconds SessionImpl::client_beat() const {
    return shard_.options().ping_interval + shard_.options().ping_timeout;
}

void SessionImpl::expect_within(Clock::time_point from, std::chrono::milliseconds delay) {
    due_ = from + delay;
    timer_.arm(loop().timers(), std::chrono::ceil<std::chrono::milliseconds>(due_ - Clock::now()));
}

// The time-out counts from when the ping was due, so that the wheel's ticks do not add up; after a long turn from now.
void SessionImpl::on_timer() {
    if (state_ != State::Open) return stop_lingering();
    if (awaits_client()) return close_as_silent();
    pong_ = Pong::Awaited;
    expect_within(std::max(due_, Clock::now() - 2 * TimerWheel::kTick), shard_.options().ping_timeout);
    send_control(kPing);
}

void SessionImpl::close_as_silent() {
    shard_.tallies().closed_ping_timeout.add();
    close(CloseReason::PingTimeout, net::CloseCode::GoingAway, "ping timeout");
}

// The wheel is late by a tick or two: a request that comes in between finds the session closed.
void SessionImpl::close_if_overdue() {
    if (state_ == State::Open && awaits_client() && Clock::now() >= due_) close_as_silent();
}

void SessionImpl::on_ping(const Packet& packet) {
    if (!beats_by_client()) return close(CloseReason::TransportError, net::CloseCode::ProtocolError, "invalid heartbeat direction");
    expect_within(Clock::now(), client_beat());
    std::string pong(1, static_cast<char>(PacketType::Pong));
    if (!packet.binary) pong += packet.data;
    send_control(pong);
}

void SessionImpl::on_pong() {
    if (beats_by_client()) return close(CloseReason::TransportError, net::CloseCode::ProtocolError, "invalid heartbeat direction");
    pong_ = Pong::NotAwaited;
    expect_within(Clock::now(), shard_.options().ping_interval);
}

// A client whose pong is stuck behind a long message is alive: once per ping it gets the time-out again.
void SessionImpl::on_sign_of_life() {
    if (pong_ != Pong::Awaited) return;
    pong_ = Pong::AwaitedLonger;
    expect_within(Clock::now(), shard_.options().ping_timeout);
}

}  // namespace parley::engineio
