// Polling: the HTTP long-polling beginning of one Socket.IO client, until its WebSocket takes over: the handshake, one poll at a time on one connection,
// and the CONNECT packet posted over another, as stock clients have it.
#pragma once

#include <string>
#include <string_view>

#include "clients/http.hpp"

namespace bench {

struct Way;

class Polling final : private HttpConnection::Listener {
public:
    class Listener {
    public:
        // The Engine.IO session is there; "40" and the first poll are on their way.
        virtual void polling_opened(std::string_view engine_sid) = 0;
        // Pings are answered already.
        virtual void polling_received(std::string_view packet) = 0;
        // After pause(): the last poll and the post have been answered.
        virtual void polling_paused() = 0;
        virtual void polling_failed(std::string_view why) = 0;

    protected:
        ~Listener() = default;
    };

    // Begins with the handshake. Must not be destroyed within a call of its listener. `way` and `requests`, which counts up, outlive it.
    Polling(Poller& poller, Listener& listener, const Way& way, unsigned source, unsigned& requests);

    // Polls no more. polling_paused() follows, at once if no request is out.
    void pause();
    // The server has pinged, and what is to answer is the WebSocket, since polling was paused before.
    bool owes_pong() const { return owes_pong_; }
    // Resets both connections; no call follows.
    void cut();

private:
    void answered(HttpConnection& connection, const HttpAnswer& answer) override;
    void failed(HttpConnection& connection, std::string_view why) override;
    void take_handshake(std::string_view packet);
    void take_packets(std::string_view payload);
    void poll();
    void finish_pause();
    void post(std::string_view packet);
    void after_post();

    Listener& listener_;
    const Way& way_;
    unsigned& requests_;
    HttpConnection polls_;
    HttpConnection posts_;
    std::string target_;
    bool owes_pong_ = false;
    bool pausing_ = false;
    bool over_ = false;
};

}  // namespace bench
