// ChatSocket: one user's Socket.IO connection over WebSocket, as somebody who only listens. Says who it is as frontends do: by the cookie and, for servers of the
// original's kind, by `userId` in the query.
// An online list of ten thousand users is a quarter of a megabyte and goes to everyone of them, so lists are told by their length and otherwise dropped as
// they come; only a socket that looks() keeps them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/tcp_stream.hpp"

namespace bench::chat {

class ChatSocket final : private TcpStream::Listener {
public:
    class Listener {
    public:
        virtual void joined(ChatSocket& socket) = 0;  // the CONNECT was answered
        // getOnlineUsers with that many ids. `ids` is the JSON between the brackets if the socket looks or the list is short, else "". kMalformed: the list
        // is not one of ids of 24 digits.
        virtual void heard_list(ChatSocket& socket, std::size_t count, std::string_view ids) = 0;
        virtual void heard_message(ChatSocket& socket, std::string_view message) = 0;  // newMessage, its JSON
        // Not called for leave().
        virtual void lost(ChatSocket& socket, std::string_view why) = 0;

    protected:
        ~Listener() = default;
    };
    static constexpr std::size_t kMalformed = ~std::size_t{0};

    // `number` is the listener's name for the socket.
    ChatSocket(Poller& poller, Listener& listener, std::size_t number) : listener_(listener), stream_(poller, *this), number_(number) {}

    void open(int port, unsigned source, std::string_view user_id, std::string_view cookie_line);
    void look() { looks_ = true; }
    // As a closed tab does: a close frame (RFC 6455 section 5.5.1), and gone.
    void leave();

    std::size_t number() const { return number_; }
    bool has_joined() const { return state_ == State::Joined; }
    std::uint64_t bytes_received() const { return bytes_received_; }

private:
    enum class State : char { Closed, Opening, Upgraded, Joined };

    void connected() override;
    void received(std::string_view bytes) override;
    void closed(std::string_view why) override;

    void take_head(std::string_view& bytes);
    void take_frame_head(std::string_view& bytes);
    void take_payload(std::string_view& bytes);
    void take_frame(std::string_view start);
    void take_packet(std::string_view start);
    void take_list(std::string_view start);
    void say(unsigned char first_byte, std::string_view payload);
    void fail(std::string_view why);

    Listener& listener_;
    TcpStream stream_;
    const std::size_t number_;
    State state_ = State::Closed;
    bool looks_ = false;
    bool in_payload_ = false;
    unsigned char first_byte_ = 0;  // of the frame under way
    std::size_t length_ = 0;        // of its payload
    std::size_t left_ = 0;          // of that, not yet received
    std::string kept_;              // the request; then an incomplete head, or the begin of a payload
    std::uint64_t bytes_received_ = 0;
};

}  // namespace bench::chat
