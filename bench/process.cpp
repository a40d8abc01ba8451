#include "process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "report/process_usage.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

int port_in(const std::string& output) {
    const auto scheme = output.find("http://");
    if (scheme == std::string::npos || output.find('\n', scheme) == std::string::npos) return 0;
    const auto colon = output.find(':', scheme + 7);
    return colon == std::string::npos ? 0 : std::atoi(output.c_str() + colon + 1);
}

}  // namespace

Process::Process(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    const auto began = Clock::now();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        std::vector<char*> arguments;
        for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
    std::string output;
    char buffer[4096];
    while ((port_ = port_in(output)) == 0) {
        const ssize_t count = ::read(output_, buffer, sizeof buffer);
        if (count <= 0) throw std::runtime_error("the server did not start: " + output);
        output.append(buffer, static_cast<std::size_t>(count));
    }
    start_time_ = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
}

Process::~Process() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    if (output_ >= 0) ::close(output_);
}

long Process::rss_kib() const {
    return static_cast<long>(resident_bytes(pid_) / 1024);
}

double Process::cpu_seconds() const {
    return std::chrono::duration<double>(processor_time(pid_)).count();
}

}  // namespace bench
