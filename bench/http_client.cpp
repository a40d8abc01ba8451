#include "http_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace bench {

int connect_to(int port, unsigned source) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + source / 20000);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0 ||
        ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
        throw std::runtime_error(fmt::format("cannot connect to port {}", port));
    }
    return fd;
}

HttpClient::HttpClient(int port) : fd_(connect_to(port, 0)) {}

HttpClient::~HttpClient() {
    ::close(fd_);
}

Answer HttpClient::request(std::string_view method, std::string_view path, std::string_view json, std::string_view cookie) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, path);
    if (!cookie.empty()) text += fmt::format("Cookie: {}\r\n", cookie);
    if (!json.empty()) text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", json.size());
    text += "\r\n";
    text += json;
    if (::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) throw std::runtime_error("send failed");

    std::size_t head_end = std::string::npos;
    std::size_t wanted = std::string::npos;
    char chunk[65536];
    while (true) {
        if (head_end == std::string::npos && (head_end = buffer_.find("\r\n\r\n")) != std::string::npos) {
            const auto length = buffer_.find("Content-Length: ");
            if (length == std::string::npos || length > head_end) throw std::runtime_error("an answer without a length");
            wanted = head_end + 4 + static_cast<std::size_t>(std::atol(buffer_.c_str() + length + 16));
        }
        if (wanted != std::string::npos && buffer_.size() >= wanted) break;
        const ssize_t count = ::recv(fd_, chunk, sizeof chunk, 0);
        if (count <= 0) throw std::runtime_error("the server closed the connection");
        buffer_.append(chunk, static_cast<std::size_t>(count));
    }
    Answer answer{std::atoi(buffer_.c_str() + 9), buffer_.substr(0, head_end), buffer_.substr(head_end + 4, wanted - head_end - 4)};
    buffer_.erase(0, wanted);
    return answer;
}

std::string json_field(std::string_view json, std::string_view name) {
    const std::string key = fmt::format("\"{}\":\"", name);
    const auto start = json.find(key);
    if (start == std::string_view::npos) return "";
    const auto value = json.substr(start + key.size());
    return std::string(value.substr(0, value.find('"')));
}

Login sign_up(HttpClient& client, const std::string& name) {
    const Answer answer = client.request(
        "POST", "/api/auth/signup",
        fmt::format(R"({{"fullName":"{0}","username":"{0}","password":"secret1","confirmPassword":"secret1","gender":"male"}})", name), "");
    const auto cookie = answer.head.find("jwt=");
    if (answer.status != 201 || cookie == std::string::npos) throw std::runtime_error("sign-up failed: " + answer.body);
    return {json_field(answer.body, "_id"), answer.head.substr(cookie, answer.head.find(';', cookie) - cookie)};
}

}  // namespace bench
