#include "report/process_usage.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

// The value of a "Name:   123 kB" line in bytes; 0 if the file cannot be read or has no such line.
std::size_t kib_line(const std::string& path, std::string_view name) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name)) return std::strtoul(line.c_str() + name.size(), nullptr, 10) * 1024;
    }
    return 0;
}

[[noreturn]] void no_such_process(pid_t pid) {
    throw std::runtime_error(fmt::format("there is no process {}", pid));
}

}  // namespace

std::chrono::nanoseconds processor_time(pid_t pid) {
    if (pid == 0) return {};
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) no_such_process(pid);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::size_t resident_bytes(pid_t pid) {
    if (pid == 0) return 0;
    const std::string folder = fmt::format("/proc/{}/", pid);
    if (const std::size_t bytes = kib_line(folder + "smaps_rollup", "Rss:")) return bytes;
    if (const std::size_t bytes = kib_line(folder + "status", "VmRSS:")) return bytes;
    no_such_process(pid);
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace bench
