// SocketIoClient: one client of a measuring program that speaks Socket.IO 5 over Engine.IO 4, on namespace "/". It parses no JSON: an event is the text
// after its "42". Over WebSocket at once, or, as stock clients begin, over polling with an upgrade afterwards.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "clients/polling.hpp"
#include "clients/websocket.hpp"

namespace bench {

// How a client gets to its server.
struct Way {
    int port = 0;
    bool polling_first = false;
    std::string query;   // of every request after the transport's own, such as "&userId=u1"
    std::string fields;  // further lines of every request's head, each ending in \r\n, such as a Cookie
};

// The value of a field that is a text without escapes, "" if it is not there.
std::string text_field(std::string_view json, std::string_view name);

class SocketIoClient final : private WebSocket::Listener, private Polling::Listener {
public:
    class Listener {
    public:
        // The server has let the client in, and with polling the upgrade is done. `sid`: of the Socket.IO socket. Events may come before, over polling.
        virtual void connected(SocketIoClient& client, std::string_view sid) = 0;
        // `event`: ["name",…]; valid during the call.
        virtual void event(SocketIoClient& client, std::string_view event) = 0;
        // Refused or lost; may open again. Not called for cut().
        virtual void disconnected(SocketIoClient& client, std::string_view why) = 0;

    protected:
        ~Listener() = default;
    };

    // `number` is the caller's, and spreads the clients over 127.0.0.2 and up, 25,000 on each (fewer with polling, which takes three connections at once).
    // Must not be destroyed within a call of its listener.
    SocketIoClient(Poller& poller, Listener& listener, unsigned number)
        : poller_(poller), listener_(listener), socket_(poller, *this), number_(number) {}

    unsigned number() const { return number_; }
    bool connected() const { return state_ == State::Connected; }

    // `way` must live until the client is connected. A client that is connected is cut first.
    void open(const Way& way);
    // `text` is a whole Socket.IO packet as Engine.IO has it: 42["name",…]. Only while connected.
    void send(std::string_view text) { socket_.send_text(text); }
    // Ends with a reset; no call follows.
    void cut();
    // HTTP requests that polling has taken so far.
    unsigned requests() const { return requests_; }

private:
    enum class State : char { Closed, Opening, Upgraded, Connected };

    void opened() override;
    void received(unsigned char first_byte, std::string_view payload) override;
    void closed(std::string_view why) override { lose(why); }

    void polling_opened(std::string_view engine_sid) override;
    void polling_received(std::string_view packet) override { take(packet); }
    void polling_paused() override;
    void polling_failed(std::string_view why) override { lose(why); }

    void take(std::string_view packet);
    void let_in(std::string_view sid);
    void settle();
    void lose(std::string_view why);
    unsigned source() const;

    Poller& poller_;
    Listener& listener_;
    WebSocket socket_;
    const Way* way_ = nullptr;          // while opening
    std::unique_ptr<Polling> polling_;  // while opening
    std::string sid_;                   // while opening, if the server's answer came before the upgrade
    const unsigned number_;
    unsigned requests_ = 0;
    State state_ = State::Closed;
};

}  // namespace bench
