// A client made of blocking sockets, so that a test says every byte and sees every byte. Reads give up after ten seconds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace parley::engineio::test {

struct Answer {
    int status = 0;                              // 0: the connection ended instead
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

using Fields = std::map<std::string, std::string>;

// One connection, for one request after the other.
class Connection {
public:
    explicit Connection(std::uint16_t port, int receive_buffer = 0);
    Connection(Connection&& other) noexcept;
    ~Connection();

    void send(std::string_view bytes);
    void send_request(std::string_view method, std::string_view target, const Fields& fields = {}, std::string_view body = "");
    Answer read_answer();
    Answer request(std::string_view method, std::string_view target, const Fields& fields = {}, std::string_view body = "");
    // True if the server sends nothing for a while.
    bool silent();
    void close();

protected:
    bool fill();
    std::string take(std::size_t count);

    int fd_ = -1;
    std::string buffer_;
};

// A connection that becomes a WebSocket.
class WebSocketClient : public Connection {
public:
    using Connection::Connection;
    explicit WebSocketClient(Connection&& other) : Connection(std::move(other)) {}

    // The answer to the handshake: 101 if it is one now.
    Answer upgrade(std::string_view target, const Fields& fields = {});
    void send_upgrade(std::string_view target, const Fields& fields = {});
    void send_text(std::string_view payload) { send_frame(1, payload); }
    void send_binary(std::string_view payload) { send_frame(2, payload); }
    void send_frame(int opcode, std::string_view payload);

    struct Frame {
        int opcode = -1;  // -1: the connection has ended
        std::string payload;
        int close_code() const;
    };
    Frame read_frame();
    // The next text message; "<closed 1001>" for a close frame, "<ended>" without one.
    std::string read_text();
};

}  // namespace parley::engineio::test
