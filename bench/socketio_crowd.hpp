// SocketIoCrowd: many Socket.IO clients over WebSocket on one thread, just enough of them to keep a server of ours busy: they connect to "/", say one
// event each, answer pings, and vanish by a reset.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class SocketIoCrowd {
public:
    // Returns when all are connected. Throws std::runtime_error if one is not, within a minute.
    SocketIoCrowd(int port, std::size_t count);
    ~SocketIoCrowd();
    SocketIoCrowd(const SocketIoCrowd&) = delete;
    SocketIoCrowd& operator=(const SocketIoCrowd&) = delete;

    // Reads and answers for that long.
    void serve_for(std::chrono::milliseconds time);
    // Resets every connection at once.
    void vanish();

private:
    enum class State : char { Opening, Joining, Connected };
    struct Client {
        int fd = -1;
        State state = State::Opening;
        std::string seen;  // of the answers until it is connected
    };

    void start(std::size_t index);
    void serve(std::chrono::milliseconds at_most);
    void read(Client& client);
    void advance(Client& client);

    int port_;
    int epoll_;
    std::vector<Client> clients_;
    std::size_t connected_ = 0;
};

}  // namespace bench
