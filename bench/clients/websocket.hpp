// WebSocket: one client connection of a measuring program, to a server on this machine. It masks with zeros, expects the server's frames to be whole
// messages, and does not check what a client would have to check.
#pragma once

#include <string>
#include <string_view>

#include "poller.hpp"

namespace bench {

class WebSocket final : private Poller::Watcher {
public:
    class Listener {
    public:
        virtual void opened() = 0;
        // `first_byte` of the frame: opcode and flags (0x81 text, 0x82 binary, 0x40 compressed). Pings are answered already.
        virtual void received(unsigned char first_byte, std::string_view payload) = 0;
        // Not called for cut() and abandon().
        virtual void closed(std::string_view why) = 0;

    protected:
        ~Listener() = default;
    };

    WebSocket(Poller& poller, Listener& listener) : poller_(poller), listener_(listener) {}
    ~WebSocket() { cut(); }
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    // `source` spreads connections over 127.0.0.x, since one address pair has some 28,000 ports. `fields`: further lines of the request's head.
    void open(int port, unsigned source, std::string_view target, std::string_view fields = "");
    bool is_open() const { return open_; }
    void send_text(std::string_view text);

    // Ends with a reset: what was under way to the client is lost.
    void cut();
    // Leaves the connection as it is and never looks at it again: the server learns nothing. The descriptor is the caller's.
    int abandon();

private:
    void ready(std::uint32_t events) override;
    void read();
    void take_head();
    void take_frames();
    void send_bytes(std::string_view bytes);
    void fail(std::string_view why);

    Poller& poller_;
    Listener& listener_;
    int fd_ = -1;
    bool request_sent_ = false;
    bool open_ = false;
    std::string request_;
    std::string buffer_;  // an incomplete head or frame
};

}  // namespace bench
