// WebSocket: one client connection of a measuring program, to a server on this machine. It masks with zeros, expects the server's frames to be whole
// messages, and does not check what a client would have to check.
#pragma once

#include <string>
#include <string_view>

#include "clients/tcp_stream.hpp"

namespace bench {

class WebSocket final : private TcpStream::Listener {
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

    WebSocket(Poller& poller, Listener& listener) : listener_(listener), stream_(poller, *this) {}
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    // `source`: as TcpStream::open has it. `fields`: further lines of the request's head, each ending in \r\n.
    void open(int port, unsigned source, std::string_view target, std::string_view fields = "");
    bool is_open() const { return open_; }
    void send_text(std::string_view text);

    // Ends with a reset: what was under way to the client is lost.
    void cut();
    // Leaves the connection as it is and never looks at it again: the server learns nothing. The descriptor is the caller's.
    int abandon();

private:
    void connected() override {}
    void received(std::string_view bytes) override;
    void closed(std::string_view why) override;
    bool take_head();
    std::size_t take_frames(std::string_view bytes);
    void fail(std::string_view why);

    Listener& listener_;
    TcpStream stream_;
    bool open_ = false;
    std::string buffer_;  // an incomplete head or frame
};

}  // namespace bench
