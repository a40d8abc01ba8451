#include "client.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace parley::engineio::test {
namespace {

constexpr int kSilenceMs = 150;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

Connection::Connection(std::uint16_t port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval timeout{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect failed");
}

Connection::Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

Connection::~Connection() {
    close();
}

void Connection::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool Connection::fill() {
    std::array<char, 65536> bytes;
    const ssize_t received = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (received <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(received));
    return true;
}

std::string Connection::take(std::size_t count) {
    std::string taken = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return taken;
}

void Connection::send_request(std::string_view method, std::string_view target, const Fields& fields, std::string_view body) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\n", method, target);
    if (!fields.contains("Host")) text += "Host: 127.0.0.1\r\n";
    for (const auto& [name, value] : fields) text += fmt::format("{}: {}\r\n", name, value);
    if (method == "POST") text += fmt::format("Content-Length: {}\r\n", body.size());
    send(text + "\r\n" + std::string(body));
}

Answer Connection::read_answer() {
    Answer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return answer;
    }
    std::string head = take(end + 4);
    answer.status = std::stoi(head.substr(9, 3));
    head.erase(0, head.find("\r\n") + 2);
    while (head.size() > 2) {
        const std::size_t line = head.find("\r\n");
        const std::size_t colon = head.find(": ");
        answer.headers[lower(head.substr(0, colon))] = head.substr(colon + 2, line - colon - 2);
        head.erase(0, line + 2);
    }
    const std::size_t length = answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
    while (buffer_.size() < length) {
        if (!fill()) return {};
    }
    answer.body = take(length);
    return answer;
}

Answer Connection::request(std::string_view method, std::string_view target, const Fields& fields, std::string_view body) {
    send_request(method, target, fields, body);
    return read_answer();
}

bool Connection::silent() {
    pollfd waiting{fd_, POLLIN, 0};
    return buffer_.empty() && ::poll(&waiting, 1, kSilenceMs) == 0;
}

Answer WebSocketClient::upgrade(std::string_view target, const Fields& fields) {
    send_upgrade(target, fields);
    return read_answer();
}

void WebSocketClient::send_upgrade(std::string_view target, const Fields& fields) {
    Fields all = fields;
    all["Connection"] = "Upgrade";
    all["Upgrade"] = "websocket";
    all["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ==";
    all["Sec-WebSocket-Version"] = "13";
    send_request("GET", target, all);
}

void WebSocketClient::send_frame(int opcode, std::string_view payload) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80 | payload.size());
    } else {
        const int bytes = payload.size() < 65536 ? 2 : 8;
        frame += static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift & 0xff);
    }
    const std::array<char, 4> mask{1, 2, 3, 4};
    frame.append(mask.data(), mask.size());
    for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    send(frame);
}

WebSocketClient::Frame WebSocketClient::read_frame() {
    const auto need = [this](std::size_t count) {
        while (buffer_.size() < count) {
            if (!fill()) return false;
        }
        return true;
    };
    if (!need(2)) return {};
    std::size_t header = 2;
    std::uint64_t length = static_cast<unsigned char>(buffer_[1]) & 0x7f;
    const int extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (extra > 0) {
        header += static_cast<std::size_t>(extra);
        if (!need(header)) return {};
        length = 0;
        for (int i = 0; i < extra; ++i) length = length << 8 | static_cast<unsigned char>(buffer_[2 + static_cast<std::size_t>(i)]);
    }
    if (!need(header + length)) return {};
    const int opcode = buffer_[0] & 0x0f;
    take(header);
    return {opcode, take(length)};
}

int WebSocketClient::Frame::close_code() const {
    if (opcode != 8 || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

std::string WebSocketClient::read_text() {
    const Frame frame = read_frame();
    if (frame.opcode == 8) return fmt::format("<closed {}>", frame.close_code());
    if (frame.opcode != 1) return "<ended>";
    return frame.payload;
}

}  // namespace parley::engineio::test
