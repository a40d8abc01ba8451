#include "realtime/presence_hub.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace parley::realtime {
namespace {

constexpr std::string_view kEvent = "getOnlineUsers";

using Clock = TimerWheel::Clock;

}  // namespace

PresenceHub::PresenceHub(Loop& loop, socketio::Server& io, PresenceOptions options) : loop_(loop), io_(io), pace_(options) {}

void PresenceHub::joined(chat::UserId user, chat::Place place, std::string socket_id) {
    loop_.post([this, user, place, id = std::move(socket_id)]() mutable { on_joined(user, place, std::move(id)); });
}

void PresenceHub::left(chat::UserId user, chat::Place place) {
    loop_.post([this, user, place] { on_left(user, place); });
}

void PresenceHub::on_joined(chat::UserId user, chat::Place place, std::string socket_id) {
    const auto now = Clock::now();
    ++sockets_;
    newcomers_.push_back(std::move(socket_id));
    pace_.joined(now);
    if (presence_.add(user, place)) pace_.changed(now);
    proceed_later();
}

void PresenceHub::on_left(chat::UserId user, chat::Place place) {
    --sockets_;
    if (!presence_.remove(user, place)) return;
    pace_.changed(Clock::now());
    proceed_later();
}

// Who comes in one turn is told together.
void PresenceHub::proceed_later() {
    if (std::exchange(proceeding_, true)) return;
    loop_.defer([this] {
        proceeding_ = false;
        proceed();
    });
}

void PresenceHub::proceed() {
    auto step = pace_.next(Clock::now(), crowd());
    while (step.to != PresencePace::To::Nobody) {  // a round may have become due while newcomers were told
        tell(step.to);
        step = pace_.next(Clock::now(), crowd());
    }
    if (!step.again) return timer_.cancel();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*step.again - Clock::now());
    timer_.arm(loop_.timers(), std::max(wait, std::chrono::milliseconds(0)));
}

void PresenceHub::tell(PresencePace::To whom) {
    const std::string_view list = list_.json(presence_.online_users());
    if (!newcomers_.empty()) io_.local().to(newcomers_).sockets_join(kOnlineRoom);
    if (whom == PresencePace::To::Everybody) {
        io_.to(kOnlineRoom).emit_latest_json(kEvent, list);
        pace_.told_everybody(Clock::now(), crowd());
    } else {
        io_.local().to(newcomers_).emit_latest_json(kEvent, list);
        pace_.told_newcomers(Clock::now());
    }
    std::vector<std::string>().swap(newcomers_);
}

}  // namespace parley::realtime
