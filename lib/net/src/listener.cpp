#include "listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "parley/base/log.hpp"

namespace parley::net {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr int kAcceptsPerTurn = 64;  // then the connections that are there already get their turn
constexpr int kAcceptsAtStop = 16 * 1024;
constexpr int kBacklog = 4096;

// Room for both families.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr_in6& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage); }
    const sockaddr_in& v4() const { return reinterpret_cast<const sockaddr_in&>(storage); }
};

SocketAddress to_socket_address(const Address& address) {
    SocketAddress result;
    if (address.ip.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        std::memcpy(&v4.sin_addr, address.ip.bytes.data() + 12, 4);
        std::memcpy(&result.storage, &v4, result.size = sizeof v4);
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(address.port);
        std::memcpy(&v6.sin6_addr, address.ip.bytes.data(), 16);
        std::memcpy(&result.storage, &v6, result.size = sizeof v6);
    }
    return result;
}

Address from_socket_address(const SocketAddress& address) {
    Address result;
    if (address.storage.ss_family == AF_INET) {
        result.ip.bytes[10] = result.ip.bytes[11] = 0xff;
        std::memcpy(result.ip.bytes.data() + 12, &address.v4().sin_addr, 4);
        result.port = ntohs(address.v4().sin_port);
    } else {
        std::memcpy(result.ip.bytes.data(), &address.v6().sin6_addr, 16);
        result.port = ntohs(address.v6().sin6_port);
    }
    return result;
}

std::unexpected<Error> bind_error(const Address& address, int error) {
    const std::string text = address.to_string();
    switch (error) {
        case EADDRINUSE: return fail(ErrorCode::AlreadyExists, fmt::format("port {} is in use", address.port));
        case EACCES: return fail(ErrorCode::PermissionDenied, fmt::format("no permission to listen on port {}", address.port));
        case EADDRNOTAVAIL: return fail(ErrorCode::InvalidArgument, fmt::format("{} is not an address of this machine", text));
        default: return fail(ErrorCode::Unavailable, fmt::format("cannot listen on {}: {}", text, std::strerror(error)));
    }
}

void set_option(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
}

Result<Socket> listen_on(const Address& address, bool share_port) {
    Socket socket(::socket(address.ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.fd() < 0) return bind_error(address, errno);
    set_option(socket.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(socket.fd(), IPPROTO_TCP, TCP_NODELAY, 1);  // accepted connections inherit it
    if (share_port) set_option(socket.fd(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (!address.ip.is_v4()) set_option(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, 0);  // "::" takes IPv4 too
    SocketAddress name = to_socket_address(address);
    if (::bind(socket.fd(), name.get(), name.size) != 0 || ::listen(socket.fd(), kBacklog) != 0) return bind_error(address, errno);
    return socket;
}

bool has_ipv6() {
    const Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    return socket.fd() >= 0 && ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
}

bool is_out_of_resources(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) std::swap(fd_, other.fd_);
    return *this;
}

Socket::~Socket() {
    if (fd_ >= 0) ::close(fd_);
}

int Socket::release() {
    return std::exchange(fd_, -1);
}

Result<Socket> open_listener(const std::string& host, std::uint16_t port, bool share_port) {
    auto ip = IpAddress::parse(host == "localhost" ? "127.0.0.1" : host);
    if (!ip) return fail(ErrorCode::InvalidArgument, fmt::format("\"{}\" is not an IP address to listen on", host));
    if (*ip == IpAddress{} && !has_ipv6()) ip = IpAddress::parse("0.0.0.0");
    return listen_on(Address{*ip, port}, share_port);
}

std::uint16_t bound_port(int fd) {
    SocketAddress name;
    if (::getsockname(fd, name.get(), &name.size) != 0) return 0;
    return from_socket_address(name).port;
}

Listener::Listener(Loop& loop, Socket socket, Accept accept, void* context)
    : loop_(loop), socket_(std::move(socket)), fd_(socket_.fd()), accept_(accept), context_(context) {}

void Listener::start() {
    stream_ = Stream(loop_, socket_.release());
    watch();
}

void Listener::stop() {
    if (!stream_.is_open()) return;
    pause_.cancel();
    for (int i = 0; i < kAcceptsAtStop && accept_one() == Outcome::Accepted; ++i) continue;
    stream_.close();
}

void Listener::watch() {
    if (!stream_.wait_readable(Stream::call<Listener, &Listener::on_readable>, this)) pause_.arm(loop_.timers(), kAcceptPause);
}

void Listener::on_readable() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        const Outcome outcome = accept_one();
        if (outcome == Outcome::QueueEmpty) break;
        if (outcome == Outcome::NoDescriptors) {
            log::warn("no more descriptors: accepting pauses");
            pause_.arm(loop_.timers(), kAcceptPause);
            return;
        }
    }
    watch();
}

Listener::Outcome Listener::accept_one() {
    while (true) {
        SocketAddress name;
        const int fd = ::accept4(fd_, name.get(), &name.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accept_(context_, fd, from_socket_address(name));
            return Outcome::Accepted;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Outcome::QueueEmpty;
        if (is_out_of_resources(errno)) return Outcome::NoDescriptors;
        // EINTR and what went wrong with one connection alone (ECONNABORTED, network errors, see accept(2)) concern no other.
        if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK || errno == EOPNOTSUPP || errno == EFAULT) return Outcome::QueueEmpty;
    }
}

}  // namespace parley::net
