// What WebSocket tests share: a connection on a loop of its own, a handler that remembers, and a peer that blocks and speaks frames.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "parley/net/websocket.hpp"
#include "websocket_frame.hpp"

namespace parley::net {

constexpr std::chrono::seconds kPatience{20};

// Remembers everything. `react` may answer a message.
class Recorder : public WebSocketHandler {
public:
    std::function<void(std::string_view payload, bool binary)> react;

    void on_message(std::string_view payload, bool binary) override {
        {
            std::lock_guard lock(mutex_);
            messages_.emplace_back(payload);
            changed_.notify_all();
        }
        if (react) react(payload, binary);
    }
    void on_drained() override {
        std::lock_guard lock(mutex_);
        ++drained_;
        changed_.notify_all();
    }
    void on_close(CloseCode code, std::string_view reason) override {
        std::lock_guard lock(mutex_);
        closes_.emplace_back(code, reason);
        changed_.notify_all();
    }

    using Close = std::pair<CloseCode, std::string>;
    std::vector<std::string> wait_for_messages(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kPatience, [&] { return messages_.size() >= count; });
        return messages_;
    }
    std::vector<Close> wait_for_close() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kPatience, [&] { return !closes_.empty(); });
        return closes_;
    }
    bool wait_for_drained() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return drained_ > 0; });
    }
    std::size_t closes() {
        std::lock_guard lock(mutex_);
        return closes_.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> messages_;  // guarded by mutex_, and so on
    std::vector<Close> closes_;
    int drained_ = 0;
};

// The client's end: blocking, with a time-out.
class Peer {
public:
    struct Frame {
        Opcode opcode;
        std::string payload;
        bool compressed = false;
        friend bool operator==(const Frame&, const Frame&) = default;
    };

    explicit Peer(int fd) : fd_(fd) {
        const timeval patience{kPatience.count(), 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
    ~Peer() { vanish(); }
    void vanish() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    int fd() const { return fd_; }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return;  // the server has had enough
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void send_frame(Opcode opcode, std::string payload, bool fin = true) { send(client_frame(opcode, std::move(payload), fin)); }

    // Fewer bytes: the end came first.
    std::string read(std::size_t count) {
        std::string bytes(count, '\0');
        std::size_t have = 0;
        while (have < count) {
            const ssize_t got = ::recv(fd_, bytes.data() + have, count - have, 0);
            if (got <= 0) break;
            have += static_cast<std::size_t>(got);
        }
        bytes.resize(have);
        return bytes;
    }
    std::string read_head() {
        std::string head;
        while (!head.ends_with("\r\n\r\n")) {
            const std::string byte = read(1);
            if (byte.empty()) break;
            head += byte;
        }
        return head;
    }
    Frame read_frame() {
        const std::string start = read(2);
        if (start.size() < 2) return {Opcode::Continuation, "no frame"};
        std::uint64_t length = static_cast<std::uint8_t>(start[1]);
        if (length >= 126) {
            const std::string extended = read(length == 126 ? 2 : 8);
            length = 0;
            for (const char byte : extended) length = length << 8 | static_cast<std::uint8_t>(byte);
        }
        return {static_cast<Opcode>(start[0] & 0x0f), read(length), (start[0] & kCompressedBit) != 0};
    }
    // The connection was finished in order, not reset.
    bool at_end() {
        char byte = 0;
        return ::recv(fd_, &byte, 1, 0) == 0;
    }

    static std::string client_frame(Opcode opcode, std::string payload, bool fin = true) {
        constexpr std::array<char, 4> kKey{'k', 'E', 'y', '\x80'};
        std::string bytes(ServerFrameHeader(opcode, payload.size()).view());
        if (!fin) bytes[0] = static_cast<char>(bytes[0] & 0x7f);
        bytes[1] = static_cast<char>(bytes[1] | 0x80);
        unmask(payload, kKey, 0);
        return bytes.append(kKey.data(), kKey.size()).append(payload);
    }

private:
    int fd_;
};

class WebSocketTest : public testing::Test {
protected:
    // Runs `function` on the loop and waits for it.
    template <class Function>
    auto on_loop(Function function) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto result = task.get_future();
        (*loops_)[0].post([&task] { task(); });
        return result.get();
    }
    void SetUp() override { loops_->start(); }
    void TearDown() override {
        if (loops_) on_loop([this] { socket_.reset(); });
        loops_.reset();
    }

    // Returns when the turn that is running now, and what it deferred, is over.
    void let_turn_pass() {
        for (int i = 0; i < 3; ++i) on_loop([] {});
    }

    // Adopts one end of a socket pair and reads the handshake at the other.
    void open(int type = SOCK_STREAM, std::string unread = {}) {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
        adopt(ends[0], ends[1], std::move(unread));
    }
    void adopt(int server_end, int client_end, std::string unread = {}) {
        peer_ = std::make_unique<Peer>(client_end);
        slot_ = std::make_shared<int>();
        alive_ = slot_;
        DetachedConnection connection;
        connection.fd = server_end;
        connection.unread = std::move(unread);
        connection.slot = std::move(slot_);
        on_loop([&] {
            socket_ =
                WebSocket::adopt((*loops_)[0], std::move(connection), "dGhlIHNhbXBsZSBub25jZQ==", "", options_, recorder_, extensions_);
        });
    }
    // True when the connection has let its descriptor and its place go.
    bool wait_until_cut() {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (!alive_.expired() && std::chrono::steady_clock::now() < deadline) on_loop([] {});
        return alive_.expired();
    }
    void echo() {
        recorder_.react = [this](std::string_view payload, bool binary) {
            binary ? socket_->send_binary(payload) : socket_->send_text(payload);
        };
    }

    Recorder recorder_;
    WebSocketOptions options_;
    std::string extensions_;  // what the client offers
    std::unique_ptr<LoopGroup> loops_ = std::make_unique<LoopGroup>(1);
    std::shared_ptr<WebSocket> socket_;  // used on the loop
    std::unique_ptr<Peer> peer_;
    std::shared_ptr<void> slot_;
    std::weak_ptr<void> alive_;
};

}  // namespace parley::net
