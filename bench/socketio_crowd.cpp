#include "socketio_crowd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "http_client.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kOpeningAtOnce = 200;
constexpr std::string_view kRequest =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// One text frame of a client, masked with zeros.
void say(int fd, std::string_view text) {
    std::string frame{static_cast<char>(0x81), static_cast<char>(0x80 | text.size())};
    frame.append(4, '\0').append(text);
    ::send(fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

SocketIoCrowd::SocketIoCrowd(int port, std::size_t count) : port_(port), epoll_(::epoll_create1(EPOLL_CLOEXEC)), clients_(count) {
    const auto deadline = Clock::now() + std::chrono::minutes(1);
    for (std::size_t started = 0; connected_ < count;) {
        for (; started < count && started - connected_ < kOpeningAtOnce; ++started) start(started);
        serve(std::chrono::milliseconds(100));
        if (Clock::now() > deadline) throw std::runtime_error("not every client could connect");
    }
}

SocketIoCrowd::~SocketIoCrowd() {
    vanish();
    ::close(epoll_);
}

void SocketIoCrowd::start(std::size_t index) {
    Client& client = clients_[index];
    client.fd = connect_to(port_, static_cast<unsigned>(index * 10));  // ten addresses for 20,000 clients
    ::send(client.fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
}

void SocketIoCrowd::serve_for(std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    for (auto left = time; left.count() > 0; left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now())) serve(left);
}

void SocketIoCrowd::serve(std::chrono::milliseconds at_most) {
    std::array<epoll_event, 256> events;
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(at_most.count()));
    for (int i = 0; i < ready; ++i) read(clients_[events[static_cast<std::size_t>(i)].data.u64]);
}

void SocketIoCrowd::read(Client& client) {
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(client.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) throw std::runtime_error("the server closed a connection: " + client.seen);
    const std::string_view said(bytes.data(), static_cast<std::size_t>(count));
    if (client.state == State::Connected) {
        if (said.ends_with("\x81\x01"
                           "2")) {
            say(client.fd, "3");
        }
        return;
    }
    client.seen += said;
    advance(client);
}

void SocketIoCrowd::advance(Client& client) {
    if (client.state == State::Opening && client.seen.contains("\"sid\"")) {
        client.state = State::Joining;
        client.seen.clear();
        say(client.fd, "40");
    } else if (client.state == State::Joining && client.seen.contains("40{")) {
        client.state = State::Connected;
        std::string().swap(client.seen);
        ++connected_;
        say(client.fd, R"(42["echo","hello"])");
    }
}

void SocketIoCrowd::vanish() {
    const linger reset{1, 0};
    for (Client& client : clients_) {
        if (client.fd < 0) continue;
        ::setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        ::close(std::exchange(client.fd, -1));
    }
}

}  // namespace bench
