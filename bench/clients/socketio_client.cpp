#include "clients/socketio_client.hpp"

#include <fmt/format.h>

#include <utility>

namespace bench {

std::string text_field(std::string_view json, std::string_view name) {
    const std::string key = fmt::format("\"{}\":\"", name);
    const auto start = json.find(key);
    if (start == std::string_view::npos) return "";
    const auto value = json.substr(start + key.size());
    return std::string(value.substr(0, value.find('"')));
}

void SocketIoClient::open(const Way& way) {
    cut();
    way_ = &way;
    state_ = State::Opening;
    if (way.polling_first) {
        polling_ = std::make_unique<Polling>(poller_, static_cast<Polling::Listener&>(*this), way, source(), requests_);
    } else {
        socket_.open(way.port, source(), "/socket.io/?EIO=4&transport=websocket" + way.query, way.fields);
    }
}

unsigned SocketIoClient::source() const {
    return number_ / (way_->polling_first ? 4000 : 8000);
}

void SocketIoClient::cut() {
    state_ = State::Closed;
    socket_.cut();
    settle();
}

// What only a client on its way needs. A Polling may be what calls, so it goes at the end of the turn.
void SocketIoClient::settle() {
    way_ = nullptr;
    std::string().swap(sid_);
    if (!polling_) return;
    polling_->cut();
    poller_.at(Clock::now(), [over = std::shared_ptr<Polling>(std::move(polling_))] {});
}

void SocketIoClient::lose(std::string_view why) {
    const std::string reason(why);
    cut();
    listener_.disconnected(*this, reason);
}

void SocketIoClient::opened() {
    if (polling_) socket_.send_text("2probe");
}

void SocketIoClient::received(unsigned char first_byte, std::string_view payload) {
    if (first_byte != 0x81) return lose("a frame that is not a whole text");
    if (payload.starts_with("42") && state_ == State::Connected) return listener_.event(*this, payload.substr(2));
    if (payload == "3probe" && polling_) return polling_->pause();
    take(payload);
}

void SocketIoClient::take(std::string_view packet) {
    if (packet == "2") {
        socket_.send_text("3");
    } else if (packet.starts_with("0{")) {
        socket_.send_text("40");
    } else if (packet.starts_with("40")) {
        let_in(text_field(packet, "sid"));
    } else if (packet.starts_with("44") || packet.starts_with("41") || packet == "1") {
        lose(packet);
    } else if (packet.starts_with("42") && !sid_.empty()) {
        listener_.event(*this, packet.substr(2));
    }
}

void SocketIoClient::polling_opened(std::string_view engine_sid) {
    socket_.open(way_->port, source(), fmt::format("/socket.io/?EIO=4&transport=websocket{}&sid={}", way_->query, engine_sid),
                 way_->fields);
}

void SocketIoClient::polling_paused() {
    socket_.send_text("5");
    if (polling_->owes_pong()) socket_.send_text("3");
    state_ = State::Upgraded;
    if (!sid_.empty()) let_in(std::exchange(sid_, {}));
}

void SocketIoClient::let_in(std::string_view sid) {
    sid_ = sid;
    if (polling_ && state_ != State::Upgraded) return;
    const std::string name = sid_;
    settle();
    state_ = State::Connected;
    listener_.connected(*this, name);
}

}  // namespace bench
