#include "websocket.hpp"

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
        throw std::runtime_error(fmt::format("cannot connect to port {}: {}", port, std::strerror(errno)));
    }
    return fd;
}

// RFC 6455 section 5.2: the length of the frame's head and of its payload; {0, 0} if more is needed to tell. A server does not mask (section 5.1).
std::pair<std::size_t, std::size_t> frame_lengths(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    if (bytes.size() < 2) return {0, 0};
    const std::size_t extended = byte(1) == 126 ? 2 : byte(1) == 127 ? 8 : 0;
    if (bytes.size() < 2 + extended) return {0, 0};
    std::size_t length = extended == 0 ? byte(1) : 0;
    for (std::size_t i = 0; i < extended; ++i) length = length << 8 | byte(2 + i);
    return {2 + extended, length};
}

std::string client_frame(unsigned char first_byte, std::string_view payload) {
    std::string frame{static_cast<char>(first_byte)};
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80 | payload.size());
    } else {
        frame += static_cast<char>(0x80 | 126);
        frame += static_cast<char>(payload.size() >> 8 & 0xff);
        frame += static_cast<char>(payload.size() & 0xff);
    }
    frame.append(4, '\0');
    return frame.append(payload);
}

}  // namespace

void WebSocket::open(int port, unsigned source, std::string_view target, std::string_view fields) {
    cut();
    fd_ = start_connecting(port, source);
    request_ = fmt::format(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
        target, port, fields);
    poller_.watch(fd_, *this);
}

void WebSocket::send_text(std::string_view text) {
    if (text.size() > 65535) throw std::length_error("a measuring client sends small messages");
    send_bytes(client_frame(0x81, text));
}

void WebSocket::cut() {
    if (fd_ < 0) return;
    const linger reset{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(abandon());
}

int WebSocket::abandon() {
    if (fd_ >= 0) poller_.unwatch(fd_);
    open_ = request_sent_ = false;
    std::string().swap(buffer_);
    return std::exchange(fd_, -1);
}

void WebSocket::ready(std::uint32_t events) {
    if (fd_ < 0) return;
    if (events & EPOLLERR) return fail("connection error");
    if (events & EPOLLOUT && !std::exchange(request_sent_, true)) send_bytes(std::exchange(request_, {}));
    if (events & (EPOLLIN | EPOLLRDHUP)) read();
}

void WebSocket::read() {
    static std::array<char, 65536> chunk;
    while (fd_ >= 0) {
        const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return fail(count == 0 ? "closed by the server" : std::strerror(errno));
        buffer_.append(chunk.data(), static_cast<std::size_t>(count));
        if (!open_) take_head();
        if (open_) take_frames();
    }
}

void WebSocket::take_head() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!buffer_.starts_with("HTTP/1.1 101")) return fail(buffer_.substr(0, buffer_.find('\r')));
    buffer_.erase(0, end + 4);
    open_ = true;
    listener_.opened();
}

void WebSocket::take_frames() {
    std::string bytes = std::exchange(buffer_, {});  // a listener may cut
    std::string_view rest = bytes;
    while (open_) {
        const auto [head, length] = frame_lengths(rest);
        if (head == 0 || rest.size() < head + length) break;
        const auto first_byte = static_cast<unsigned char>(rest[0]);
        const std::string_view payload = rest.substr(head, length);
        rest.remove_prefix(head + length);
        if (first_byte == 0x88) return fail("close frame");
        if (first_byte == 0x89) {
            send_bytes(client_frame(0x8a, payload));
        } else {
            listener_.received(first_byte, payload);
        }
    }
    if (open_) buffer_ = rest;
}

void WebSocket::send_bytes(std::string_view bytes) {
    if (fd_ < 0) return;
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) fail("cannot send");
}

void WebSocket::fail(std::string_view why) {
    const std::string reason(why);
    cut();
    listener_.closed(reason);
}

}  // namespace bench
