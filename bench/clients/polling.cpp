#include "clients/polling.hpp"

#include <utility>

#include "clients/socketio_client.hpp"

namespace bench {

Polling::Polling(Poller& poller, Listener& listener, const Way& way, unsigned source, unsigned& requests)
    : listener_(listener),
      way_(way),
      requests_(requests),
      polls_(poller, *this, way.port, source),
      posts_(poller, *this, way.port, source),
      target_("/socket.io/?EIO=4&transport=polling" + way.query) {
    poll();
}

void Polling::poll() {
    ++requests_;
    polls_.request("GET", target_, way_.fields);
}

void Polling::pause() {
    pausing_ = true;
    finish_pause();
}

void Polling::finish_pause() {
    if (pausing_ && !polls_.busy() && !posts_.busy()) listener_.polling_paused();
}

void Polling::cut() {
    over_ = true;
    polls_.cut();
    posts_.cut();
}

void Polling::answered(HttpConnection& connection, const HttpAnswer& answer) {
    if (answer.status != 200) return failed(connection, answer.head.substr(0, answer.head.find('\r')));
    if (&connection == &posts_) return after_post();
    if (answer.body.starts_with("0{")) return take_handshake(answer.body);
    take_packets(answer.body);
    if (over_) return;
    if (pausing_) return finish_pause();
    poll();
}

void Polling::failed(HttpConnection&, std::string_view why) {
    const std::string reason(why);
    cut();
    listener_.polling_failed(reason);
}

void Polling::take_handshake(std::string_view packet) {
    const std::string sid = text_field(packet, "sid");
    target_ += "&sid=" + sid;
    poll();
    post("40");
    listener_.polling_opened(sid);
}

void Polling::post(std::string_view packet) {
    ++requests_;
    posts_.request("POST", target_, way_.fields + "Content-Type: text/plain;charset=UTF-8\r\n", packet);
}

void Polling::after_post() {
    if (pausing_) return finish_pause();
    if (std::exchange(owes_pong_, false)) post("3");
}

void Polling::take_packets(std::string_view payload) {
    while (!over_ && !payload.empty()) {
        const auto end = payload.find('\x1e');
        const std::string_view packet = payload.substr(0, end);
        if (packet == "2") {
            owes_pong_ = true;
            if (!posts_.busy() && !pausing_) after_post();
        } else {
            listener_.polling_received(packet);
        }
        payload.remove_prefix(end == std::string_view::npos ? payload.size() : end + 1);
    }
}

}  // namespace bench
