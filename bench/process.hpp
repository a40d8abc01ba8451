// Process: a server under measurement, started by the bench on a data folder of its own, and what the kernel says about it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace bench {

class Process {
public:
    // Starts `command` and waits until a line of its output holds "http://…:PORT". Throws std::runtime_error with its output if it ends before.
    explicit Process(const std::vector<std::string>& command);
    ~Process();  // SIGTERM, then waits
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    int port() const { return port_; }
    std::chrono::milliseconds start_time() const { return start_time_; }  // from fork to the line with the address

    long rss_kib() const;        // resident set
    double cpu_seconds() const;  // user and system time, of all threads

private:
    pid_t pid_ = -1;
    int output_ = -1;
    int port_ = 0;
    std::chrono::milliseconds start_time_{};
};

}  // namespace bench
