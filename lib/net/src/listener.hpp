// A listening socket, and Listener, which accepts its connections on one loop.
#pragma once

#include <cstdint>
#include <string>

#include "parley/async/loop.hpp"
#include "parley/base/result.hpp"
#include "parley/net/address.hpp"
#include "stream.hpp"

namespace parley::net {

// A descriptor that is closed with its holder.
class Socket {
public:
    Socket() = default;
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(other.release()) {}
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();
    int fd() const { return fd_; }
    int release();

private:
    int fd_ = -1;
};

// A non-blocking socket that listens on `host`:`port`. `share_port`: other sockets of this program may listen there too (SO_REUSEPORT).
// Errors: AlreadyExists, PermissionDenied, InvalidArgument (host).
Result<Socket> open_listener(const std::string& host, std::uint16_t port, bool share_port);
std::uint16_t bound_port(int fd);

class Listener {
public:
    using Accept = void (*)(void* context, int fd, const Address& peer);

    // Threading: constructed and destroyed anywhere while the loop does not run it; the rest on the loop.
    Listener(Loop& loop, Socket socket, Accept accept, void* context);

    void start();
    // Accepts what waits in the queue, then closes.
    void stop();

private:
    enum class Outcome : std::uint8_t { Accepted, QueueEmpty, NoDescriptors };

    void on_readable();
    Outcome accept_one();
    void watch();

    Loop& loop_;
    Socket socket_;  // until start()
    int fd_;
    Accept accept_;
    void* context_;
    Stream stream_;
    Timer pause_{Timer::call<Listener, &Listener::on_readable>, this};
};

}  // namespace parley::net
