#include "realtime/presence_hub.hpp"

#include <algorithm>

namespace parley::realtime {
namespace {

constexpr std::string_view kEvent = "getOnlineUsers";

}  // namespace

PresenceHub::PresenceHub(Loop& loop, socketio::Server& io, PresenceOptions options) : loop_(loop), io_(io), options_(options) {}

void PresenceHub::joined(chat::UserId user, chat::Place place, std::string socket_id) {
    loop_.post([this, user, place, id = std::move(socket_id)] { on_joined(user, place, id); });
}

void PresenceHub::left(chat::UserId user, chat::Place place) {
    loop_.post([this, user, place] { on_left(user, place); });
}

void PresenceHub::on_joined(chat::UserId user, chat::Place place, const std::string& socket_id) {
    ++sockets_;
    if (presence_.add(user, place)) changed_ = true;
    if (changed_) return schedule();
    io_.to(socket_id).emit_latest_json(kEvent, list_);
}

void PresenceHub::on_left(chat::UserId user, chat::Place place) {
    --sockets_;
    if (!presence_.remove(user, place)) return;
    changed_ = true;
    schedule();
}

void PresenceHub::schedule() {
    if (timer_.armed()) return;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(not_before_ - TimerWheel::Clock::now());
    timer_.arm(loop_.timers(), std::max(wait, std::chrono::milliseconds(0)));
}

void PresenceHub::broadcast() {
    changed_ = false;
    render();
    io_.to(kOnlineRoom).emit_latest_json(kEvent, list_);
    const std::chrono::milliseconds by_volume(list_.size() * sockets_ * 1000 / options_.bytes_per_second);
    not_before_ = TimerWheel::Clock::now() + std::max(options_.min_interval, by_volume);
}

void PresenceHub::render() {
    list_ = "[";
    for (const chat::UserId& user : presence_.online_users()) {
        if (list_.size() > 1) list_ += ',';
        list_ += '"';
        list_ += user.to_hex();
        list_ += '"';
    }
    list_ += ']';
}

}  // namespace parley::realtime
