// What HTTP tests share: a server whose handler is a function, and a client that blocks and sees bytes.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "parley/net/http_server.hpp"

namespace parley::net {

constexpr std::chrono::seconds kHttpPatience{20};

// One answer as it was on the wire.
struct Answer {
    std::string head;
    std::string body;
    unsigned status() const {
        unsigned status = 0;
        if (head.size() > 12) std::from_chars(head.data() + 9, head.data() + 12, status);
        return status;
    }
    bool has_line(const std::string& line) const { return head.find("\r\n" + line + "\r\n") != std::string::npos; }
    std::string field(const std::string& name) const {
        const std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return "";
        const std::size_t begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

class Client {
public:
    explicit Client(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval patience{kHttpPatience.count(), 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(port);
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
    }
    Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), buffer_(std::move(other.buffer_)) {}
    ~Client() { vanish(); }

    bool connected() const { return connected_; }
    int fd() const { return fd_; }
    void vanish() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        vanish();
    }
    void end_sending() { ::shutdown(fd_, SHUT_WR); }

    // False: the server does not take it any more.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    std::string read(std::size_t count) {
        while (buffer_.size() < count && fill()) continue;
        std::string taken = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return taken;
    }
    std::string read_until(std::string_view mark) {
        while (buffer_.find(mark) == std::string::npos && fill()) continue;
        const std::size_t at = buffer_.find(mark);
        return read(at == std::string::npos ? buffer_.size() : at + mark.size());
    }
    std::string read_to_end() {
        while (fill()) continue;
        return std::exchange(buffer_, {});
    }
    // The server has closed, and nothing is left to read. Not: it was reset, or stays open.
    bool at_end() {
        if (!buffer_.empty()) return false;
        char byte;
        return ::recv(fd_, &byte, 1, 0) == 0;
    }

    Answer read_answer(bool has_body = true) {
        Answer answer;
        answer.head = read_until("\r\n\r\n");
        if (!has_body) return answer;
        if (answer.has_line("Transfer-Encoding: chunked")) {
            answer.body = read_chunks();
        } else {
            std::size_t length = 0;
            const std::string text = answer.field("Content-Length");
            std::from_chars(text.data(), text.data() + text.size(), length);
            answer.body = read(length);
        }
        return answer;
    }
    Answer get(const std::string& target) {
        send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
        return read_answer();
    }

private:
    bool fill() {
        char bytes[16384];
        const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
        if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
        return count > 0;
    }
    std::string read_chunks() {
        std::string body;
        while (true) {
            const std::string line = read_until("\r\n");
            std::size_t size = 0;
            if (std::from_chars(line.data(), line.data() + line.size(), size, 16).ec != std::errc()) return body + "<broken>";
            body += read(size);
            read(2);
            if (size == 0) return body;
        }
    }

    int fd_;
    bool connected_ = false;
    std::string buffer_;
};

// Answers with `on_request`; by default with the method, the target and the body.
class FunctionHandler : public HttpHandler {
public:
    std::function<void(HttpRequest request, Exchange exchange)> on_request = [](HttpRequest request, Exchange exchange) {
        exchange.respond(HttpResponse::text(200, "text/plain", request.method_name + " " + request.target + " " + request.body));
    };
    std::size_t max_body = 100'000;
    std::atomic<unsigned> handled{0};
    std::atomic<unsigned> errors_with_head{0};

    std::size_t max_body_bytes(const RequestHead&) override { return max_body; }
    void handle(HttpRequest request, Exchange exchange) override {
        ++handled;
        on_request(std::move(request), std::move(exchange));
    }
    HttpResponse error(unsigned status, std::string_view reason, const RequestHead* head) override {
        if (head) ++errors_with_head;
        return HttpResponse::text(status, "text/plain", "error: " + std::string(reason));
    }
};

class HttpTest : public testing::Test {
protected:
    void start(std::size_t loop_count = 1) {
        loops_ = std::make_unique<LoopGroup>(loop_count);
        server_ = std::make_unique<HttpServer>(*loops_, handler_, limits_);
        const auto port = server_->listen("127.0.0.1", 0);
        ASSERT_TRUE(port) << port.error().message;
        port_ = *port;
        loops_->start();
    }
    void TearDown() override {
        if (loops_) loops_->stop();
        server_.reset();
        loops_.reset();
    }
    Client connect() { return Client(port_); }
    Loop& loop() { return (*loops_)[0]; }

    // Runs `function` on the first loop and waits for it.
    template <class Function>
    auto on_loop(Function function) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto result = task.get_future();
        loop().post([&task] { task(); });
        return result.get();
    }
    bool wait_until(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + kHttpPatience;
        while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return condition();
    }

    FunctionHandler handler_;
    HttpLimits limits_;
    std::unique_ptr<LoopGroup> loops_;
    std::unique_ptr<HttpServer> server_;
    std::uint16_t port_ = 0;
};

inline HttpResponse plain(std::string body) {
    return HttpResponse::text(200, "text/plain", std::move(body));
}

}  // namespace parley::net
