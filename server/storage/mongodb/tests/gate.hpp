// Gate: a TCP relay in front of a server on 127.0.0.1, which a test cuts.
// Threading: any thread; it relays on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace parley::storage::mongodb {

class Gate {
public:
    explicit Gate(std::uint16_t server);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    std::string uri(const std::string& database) const;

    // Resets every connection, and from then on every new one, until open().
    void cut();
    void open();

private:
    void relay();
    void accept_one();

    const std::uint16_t server_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    bool is_cut_ = false;                      // guarded by mutex_
    std::vector<std::pair<int, int>> relays_;  // guarded by mutex_: sockets of a client and of its server
    std::thread thread_;
};

}  // namespace parley::storage::mongodb
