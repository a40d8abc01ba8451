#include "clients/tcp_stream.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

sockaddr_in loopback(unsigned host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

// Connecting, not connected yet.
int start_connecting(int port, unsigned source) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const sockaddr_in from = loopback(1 + source, 0);
    const sockaddr_in to = loopback(0, port);
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
        (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)) {
        const int why = errno;
        if (fd >= 0) ::close(fd);
        throw std::runtime_error(fmt::format("cannot connect to port {}: {}", port, std::strerror(why)));
    }
    return fd;
}

int error_of(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

// Shared by all streams: only one at a time is within received().
std::string& gathered() {
    static std::string bytes;
    return bytes;
}

}  // namespace

void TcpStream::open(int port, unsigned source) {
    cut();
    fd_ = start_connecting(port, source);
    connecting_ = true;
    poller_.watch(fd_, *this);
}

void TcpStream::send(std::string_view first, std::string_view second) {
    if (fd_ < 0) return;
    if (gathering_) {
        gathered().append(first).append(second);
    } else if (connecting_ || !unsent_.empty()) {
        unsent_.append(first).append(second);
    } else if (second.empty()) {
        write(first);
    } else {
        static std::string whole;
        write(whole.assign(first).append(second));
    }
}

void TcpStream::write(std::string_view bytes) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    // A broken connection is told by the poller.
    if (count != static_cast<ssize_t>(bytes.size())) unsent_ = bytes.substr(count < 0 ? 0 : static_cast<std::size_t>(count));
}

void TcpStream::write_queued() {
    if (unsent_.empty()) return;
    const std::string bytes = std::exchange(unsent_, {});
    write(bytes);
}

void TcpStream::cut() {
    if (fd_ < 0) return;
    const linger reset{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(abandon());
}

int TcpStream::abandon() {
    if (fd_ >= 0) poller_.unwatch(fd_);
    connecting_ = gathering_ = false;
    std::string().swap(unsent_);
    return std::exchange(fd_, -1);
}

void TcpStream::ready(std::uint32_t events) {
    if (fd_ < 0) return;
    if (events & EPOLLERR) {
        if (const int error = error_of(fd_)) return fail(std::strerror(error));
    }
    if (events & EPOLLOUT) {
        if (std::exchange(connecting_, false)) listener_.connected();
        write_queued();
    }
    if (fd_ >= 0 && !connecting_ && events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) read((events & (EPOLLRDHUP | EPOLLHUP)) != 0);
}

// epoll(7): a read that brings less than it could has taken all there is, but an end that has been announced is to be seen, too.
void TcpStream::read(bool to_the_end) {
    static std::array<char, 65536> chunk;
    for (bool more = true; more && fd_ >= 0 && !connecting_;) {
        const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return fail(count == 0 ? "closed by the server" : std::strerror(errno));
        more = to_the_end || count == static_cast<ssize_t>(chunk.size());
        gathered().clear();
        gathering_ = true;
        listener_.received({chunk.data(), static_cast<std::size_t>(count)});
        if (!std::exchange(gathering_, false) || gathered().empty()) continue;
        if (unsent_.empty()) {
            write(gathered());
        } else {
            unsent_ += gathered();
        }
    }
}

void TcpStream::fail(std::string_view why) {
    const std::string reason(why);
    cut();
    listener_.closed(reason);
}

}  // namespace bench
