// The floor for the smallest REST answer: a keep-alive HTTP server of one thread that looks for the end of a request and sends fixed bytes, as many as
// our GET /health/live has. One epoll_wait for whatever is ready, one recv and one send per request.
//     http_floor [--port N]        (any free port)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "ceilings/flags.hpp"
#include "report/process_usage.hpp"

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Length: 17\r\n"
    "Date: Sun, 01 Jan 2023 00:00:00 GMT\r\n"
    "\r\n"
    "{\"status\":\"live\"}";
constexpr std::string_view kEnd = "\r\n\r\n";
constexpr int kBacklog = 4096;

int check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

class HttpFloor {
public:
    explicit HttpFloor(int port) : listener_(check(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")) {
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), "bind");
        check(::listen(listener_, kBacklog), "listen");
        watch(listener_);
    }

    int port() const {
        sockaddr_in address{};
        socklen_t length = sizeof(address);
        check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
        return ntohs(address.sin_port);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        while (true) {
            const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            if (count < 0 && errno != EINTR) check(count, "epoll_wait");
            for (int i = 0; i < count; ++i) ready(events[static_cast<std::size_t>(i)].data.fd);
        }
    }

private:
    void watch(int fd) {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    }

    void ready(int fd) {
        if (fd == listener_) {
            accept_all();
        } else if (!serve(fd)) {
            ::close(fd);
        }
    }

    void accept_all() {
        const int on = 1;
        for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            if (begun_.size() <= static_cast<std::size_t>(fd)) begun_.resize(static_cast<std::size_t>(fd) + 1);
            begun_[static_cast<std::size_t>(fd)].clear();
            watch(fd);
        }
    }

    // False: the client has gone, or does not take what it is sent.
    bool serve(int fd) {
        const ssize_t size = ::recv(fd, buffer_.data(), buffer_.size(), 0);
        if (size < 0) return errno == EAGAIN;
        if (size == 0) return false;
        std::string_view got(buffer_.data(), static_cast<std::size_t>(size));
        std::string& begun = begun_[static_cast<std::size_t>(fd)];
        if (begun.empty() && got.ends_with(kEnd) && got.find(kEnd) == got.size() - kEnd.size()) return send(fd, kAnswer);

        begun += got;
        std::string answers;
        std::size_t from = 0;
        for (std::size_t end; (end = begun.find(kEnd, from)) != std::string::npos; from = end + kEnd.size()) answers += kAnswer;
        begun.erase(0, from);
        return answers.empty() || send(fd, answers);
    }

    static bool send(int fd, std::string_view bytes) {
        return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }

    const int listener_;
    const int epoll_ = check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    std::array<char, 65536> buffer_;
    std::vector<std::string> begun_;  // by descriptor: what has come of a request that is not complete
};

}  // namespace

int main(int count, char** words) {
    try {
        const bench::Flags flags(count, words, {"--port"});
        bench::raise_descriptor_limit();
        HttpFloor server(static_cast<int>(flags.number("--port", 0)));
        std::printf("listening on http://127.0.0.1:%d\n", server.port());
        std::fflush(stdout);
        server.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "http_floor: %s\n", error.what());
        return 1;
    }
}
