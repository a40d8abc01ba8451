#include "clients/websocket.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace bench {
namespace {

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

// The head of a client's frame, masked with zeros.
class FrameHead {
public:
    FrameHead(unsigned char first_byte, std::size_t payload) {
        put(first_byte);
        const std::size_t extended = payload < 126 ? 0 : payload < 65536 ? 2 : 8;
        put(0x80 | (extended == 0 ? payload : extended == 2 ? 126 : 127));
        for (std::size_t left = extended; left > 0; --left) put(payload >> (8 * (left - 1)) & 0xff);
        length_ += 4;
    }
    std::string_view bytes() const { return {bytes_.data(), length_}; }

private:
    void put(std::size_t byte) { bytes_[length_++] = static_cast<char>(byte); }

    std::array<char, 14> bytes_{};
    std::size_t length_ = 0;
};

}  // namespace

void WebSocket::open(int port, unsigned source, std::string_view target, std::string_view fields) {
    cut();
    stream_.open(port, source);
    stream_.send(
        fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
                    target, port, fields));
}

void WebSocket::send_text(std::string_view text) {
    stream_.send(FrameHead(0x81, text.size()).bytes(), text);
}

void WebSocket::cut() {
    open_ = false;
    std::string().swap(buffer_);
    stream_.cut();
}

int WebSocket::abandon() {
    open_ = false;
    std::string().swap(buffer_);
    return stream_.abandon();
}

void WebSocket::received(std::string_view bytes) {
    if (open_ && buffer_.empty()) {
        const std::size_t taken = take_frames(bytes);
        if (open_) buffer_.assign(bytes.substr(taken));
        return;
    }
    buffer_ += bytes;
    if (!open_ && !take_head()) return;
    std::string all = std::exchange(buffer_, {});  // the listener may cut
    const std::size_t taken = take_frames(all);
    if (!open_ || taken == all.size()) return;
    all.erase(0, taken);
    buffer_ = std::move(all);
}

void WebSocket::closed(std::string_view why) {
    fail(why);
}

bool WebSocket::take_head() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    if (!buffer_.starts_with("HTTP/1.1 101")) return fail(buffer_.substr(0, buffer_.find('\r'))), false;
    buffer_.erase(0, end + 4);
    open_ = true;
    listener_.opened();
    return open_;
}

// How much of it was whole frames.
std::size_t WebSocket::take_frames(std::string_view bytes) {
    std::size_t taken = 0;
    while (open_) {
        const std::string_view rest = bytes.substr(taken);
        const auto [head, length] = frame_lengths(rest);
        if (head == 0 || rest.size() - head < length) break;
        taken += head + length;
        const auto first_byte = static_cast<unsigned char>(rest[0]);
        const std::string_view payload = rest.substr(head, length);
        if (first_byte == 0x88) {
            fail("close frame");
        } else if (first_byte == 0x89) {
            stream_.send(FrameHead(0x8a, payload.size()).bytes(), payload);
        } else {
            listener_.received(first_byte, payload);
        }
    }
    return taken;
}

void WebSocket::fail(std::string_view why) {
    const std::string reason(why);
    cut();
    listener_.closed(reason);
}

}  // namespace bench
