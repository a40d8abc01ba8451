// TcpStream: one TCP connection to a server on this machine, which never blocks. What the kernel does not take at once is queued; what is sent while
// received bytes are handled goes out in one piece after them.
#pragma once

#include <string>
#include <string_view>

#include "clients/poller.hpp"

namespace bench {

class TcpStream final : private Poller::Watcher {
public:
    class Listener {
    public:
        virtual void connected() = 0;
        // Whatever came; valid during the call.
        virtual void received(std::string_view bytes) = 0;
        // Refused, closed or broken; the descriptor is closed already. Not called for cut() and abandon().
        virtual void closed(std::string_view why) = 0;

    protected:
        ~Listener() = default;
    };

    TcpStream(Poller& poller, Listener& listener) : poller_(poller), listener_(listener) {}
    ~TcpStream() { cut(); }
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    // `source` spreads connections over 127.0.0.2 and up, since one address pair has some 28,000 ports. Throws std::runtime_error if this machine has no
    // descriptor or port left; that nobody listens is told later, by closed().
    void open(int port, unsigned source);
    bool is_open() const { return fd_ >= 0; }
    // Both parts, one after the other. Nothing happens if the stream is not open.
    void send(std::string_view first, std::string_view second = {});

    // Ends with a reset: what was under way in either direction may be lost.
    void cut();
    // Leaves the connection as it is and never looks at it again: the server learns nothing. The descriptor is the caller's.
    int abandon();

private:
    void ready(std::uint32_t events) override;
    void read(bool to_the_end);
    void write(std::string_view bytes);
    void write_queued();
    void fail(std::string_view why);

    Poller& poller_;
    Listener& listener_;
    int fd_ = -1;
    bool connecting_ = false;
    bool gathering_ = false;  // within received(): sends wait in gathered()
    std::string unsent_;      // what the kernel has not taken
};

}  // namespace bench
