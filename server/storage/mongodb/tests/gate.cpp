#include "storage/mongodb/tests/gate.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace parley::storage::mongodb {
namespace {

constexpr int kPollMs = 20;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int new_socket() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw std::runtime_error("no socket");
    return socket;
}

// With a reset, as a cut looks.
void reset(int socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    ::close(socket);
}

void no_delay(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

// Everything that waits to be read, sent on. False: that side has closed.
bool forward(int from, int to) {
    std::array<char, 65'536> buffer;
    const ssize_t size = ::recv(from, buffer.data(), buffer.size(), 0);
    for (ssize_t done = 0; done < size;) {
        const ssize_t sent = ::send(to, buffer.data() + done, static_cast<std::size_t>(size - done), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        done += sent;
    }
    return size > 0;
}

}  // namespace

Gate::Gate(std::uint16_t server) : server_(server), listener_(new_socket()) {
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, length) != 0 || ::getsockname(listener_, generic, &length) != 0 || ::listen(listener_, 64) != 0)
        throw std::runtime_error("the gate cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
        while (!stopping_) relay();
    });
}

Gate::~Gate() {
    stopping_ = true;
    thread_.join();
    cut();
    ::close(listener_);
}

std::string Gate::uri(const std::string& database) const {
    return fmt::format("mongodb://127.0.0.1:{}/{}", port_, database);
}

void Gate::cut() {
    const std::scoped_lock lock(mutex_);
    is_cut_ = true;
    for (const auto& [client, server] : relays_) {
        reset(client);
        reset(server);
    }
    relays_.clear();
}

void Gate::open() {
    const std::scoped_lock lock(mutex_);
    is_cut_ = false;
}

void Gate::relay() {
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [client, server] : relays_) {
            watched.push_back({client, POLLIN, 0});
            watched.push_back({server, POLLIN, 0});
        }
    }
    ::poll(watched.data(), watched.size(), kPollMs);
    const std::scoped_lock lock(mutex_);
    if (watched[0].revents != 0) accept_one();
    const auto is_ready = [&](int socket) {
        for (const pollfd& one : watched) {
            if (one.fd == socket) return one.revents != 0;
        }
        return false;
    };
    std::erase_if(relays_, [&](const std::pair<int, int>& relayed) {
        const auto [client, server] = relayed;
        const bool open = (!is_ready(client) || forward(client, server)) && (!is_ready(server) || forward(server, client));
        if (!open) {
            reset(client);
            reset(server);
        }
        return !open;
    });
}

void Gate::accept_one() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = new_socket();
    const sockaddr_in address = loopback(server_);
    if (is_cut_ || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        reset(client);
        reset(server);
        return;
    }
    no_delay(client);
    no_delay(server);
    relays_.emplace_back(client, server);
}

}  // namespace parley::storage::mongodb
