#include "chat/chat_socket.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace bench::chat {
namespace {

constexpr std::string_view kList = R"(42["getOnlineUsers",[)";
constexpr std::string_view kMessage = R"(42["newMessage",)";
constexpr std::size_t kListItem = 27;     // "24 digits" and a comma
constexpr std::size_t kKeptWhole = 4096;  // payloads up to this length are kept whole, of longer ones the begin
constexpr std::size_t kKeptBegin = 32;

std::size_t unsigned_at(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

void ChatSocket::open(int port, unsigned source, std::string_view user_id, std::string_view cookie_line) {
    stream_.open(port, source);
    state_ = State::Opening;
    in_payload_ = false;
    bytes_received_ = 0;
    kept_ = fmt::format(
        "GET /socket.io/?userId={}&EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
        user_id, port, cookie_line);
}

void ChatSocket::leave() {
    if (state_ == State::Closed) return;
    if (state_ != State::Opening) say(0x88, "");
    state_ = State::Closed;
    if (const int fd = stream_.abandon(); fd >= 0) ::close(fd);
}

void ChatSocket::connected() {
    stream_.send(std::exchange(kept_, {}));
}

void ChatSocket::received(std::string_view bytes) {
    bytes_received_ += bytes.size();
    if (state_ == State::Opening) take_head(bytes);
    while (!bytes.empty() && state_ > State::Opening) {
        if (!in_payload_) take_frame_head(bytes);
        if (in_payload_) take_payload(bytes);
    }
}

void ChatSocket::take_head(std::string_view& bytes) {
    kept_ += bytes;
    const auto end = kept_.find("\r\n\r\n");
    if (end == std::string::npos) return bytes.remove_prefix(bytes.size());
    if (!kept_.starts_with("HTTP/1.1 101")) return fail(kept_.substr(0, kept_.find('\r')));
    bytes.remove_prefix(bytes.size() - (kept_.size() - end - 4));
    kept_.clear();
    state_ = State::Upgraded;
}

// RFC 6455 section 5.2. A head may come in pieces.
void ChatSocket::take_frame_head(std::string_view& bytes) {
    const std::size_t held = kept_.size();
    const std::size_t taken = std::min<std::size_t>(10 - held, bytes.size());
    kept_.append(bytes.substr(0, taken));
    const std::size_t extended = kept_.size() < 2 ? 0 : unsigned_at(kept_, 1) == 126 ? 2 : unsigned_at(kept_, 1) == 127 ? 8 : 0;
    if (kept_.size() < 2 + extended) return bytes.remove_prefix(taken);
    first_byte_ = static_cast<unsigned char>(kept_[0]);
    length_ = extended == 0 ? unsigned_at(kept_, 1) : 0;
    for (std::size_t i = 0; i < extended; ++i) length_ = length_ << 8 | unsigned_at(kept_, 2 + i);
    bytes.remove_prefix(2 + extended - held);
    kept_.clear();
    left_ = length_;
    in_payload_ = true;
}

void ChatSocket::take_payload(std::string_view& bytes) {
    const std::string_view here = bytes.substr(0, left_);
    bytes.remove_prefix(here.size());
    left_ -= here.size();
    if (here.size() == length_) {
        in_payload_ = false;
        return take_frame(here);
    }
    const std::size_t wanted = looks_ || length_ <= kKeptWhole ? length_ : kKeptBegin;
    if (kept_.size() < wanted) kept_.append(here.substr(0, wanted - kept_.size()));
    if (left_ > 0) return;
    in_payload_ = false;
    take_frame(std::exchange(kept_, {}));
}

// `start`: the payload, or the begin of one of length_ bytes.
void ChatSocket::take_frame(std::string_view start) {
    if (first_byte_ == 0x81) return take_packet(start);
    if (first_byte_ == 0x89) return say(0x8a, start);
    fail(first_byte_ == 0x88 ? "the server sent a close frame" : "a frame of another kind than text");
}

void ChatSocket::take_packet(std::string_view start) {
    if (start.starts_with(kList)) return take_list(start);
    if (start.starts_with(kMessage) && start.size() == length_) return listener_.heard_message(*this, start.substr(kMessage.size()));
    if (start == "2") return say(0x81, "3");
    if (start.starts_with("0{")) return say(0x81, "40");
    if (start.starts_with("40")) {
        state_ = State::Joined;
        return listener_.joined(*this);
    }
    if (!start.starts_with("42")) fail(fmt::format("the server sent '{}'", start.substr(0, 100)));
}

void ChatSocket::take_list(std::string_view start) {
    const std::size_t length = length_ - kList.size() - 2;  // without "]]"
    const bool complete = start.size() == length_;
    const bool right = length == 0 || length % kListItem == kListItem - 1;
    const std::string_view ids = complete ? start.substr(kList.size(), length) : std::string_view();
    listener_.heard_list(*this, right ? (length + 1) / kListItem : kMalformed, ids);
}

void ChatSocket::closed(std::string_view why) {
    state_ = State::Closed;
    listener_.lost(*this, why);
}

// Masked with zeros; payloads of a listener are short (RFC 6455 section 5.2).
void ChatSocket::say(unsigned char first_byte, std::string_view payload) {
    std::string frame{static_cast<char>(first_byte), static_cast<char>(0x80 | std::min<std::size_t>(payload.size(), 125))};
    frame.append(4, '\0').append(payload.substr(0, 125));
    stream_.send(frame);
}

void ChatSocket::fail(std::string_view why) {
    const std::string reason(why);
    stream_.cut();
    closed(reason);
}

}  // namespace bench::chat
