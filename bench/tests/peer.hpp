// Peer: the other end of one client's connection in a test, so that it can say any bytes in any pieces.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

#include "clients/poller.hpp"

namespace bench {

class Peer {
public:
    Peer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    ~Peer() {
        hang_up();
        ::close(listener_);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    int port() const { return port_; }
    void accept() {
        hang_up();
        fd_ = ::accept(listener_, nullptr, nullptr);
    }
    void say(std::string_view bytes) {
        EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    // Byte for byte, and the clients run after each.
    void say_slowly(Poller& clients, std::string_view bytes) {
        for (const char byte : bytes) {
            say({&byte, 1});
            run_shortly(clients);
        }
    }
    void hang_up() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    // Lets the clients run and reads until `last` has come, and returns all.
    std::string hear(Poller& clients, std::string_view last) {
        std::string heard;
        char chunk[65536];
        const auto read = [&] {
            const ssize_t count = ::recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
            if (count > 0) heard.append(chunk, static_cast<std::size_t>(count));
            return heard.ends_with(last);
        };
        const auto end = Clock::now() + std::chrono::seconds(10);
        while (!read() && Clock::now() < end) run_shortly(clients);
        return heard;
    }

private:
    static void run_shortly(Poller& clients) {
        clients.run_until([] { return false; }, Clock::now() + std::chrono::milliseconds(1));
    }

    int listener_;
    int fd_ = -1;
    int port_ = 0;
};

}  // namespace bench
