// What the kernel says about processes under measurement.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace bench {

// User and system time of all threads so far, ended ones among them, to the nanosecond (clock_getcpuclockid(3)). Zero for pid 0.
// Throws std::runtime_error if there is no such process.
std::chrono::nanoseconds processor_time(pid_t pid);

// The resident set, from /proc/PID/smaps_rollup if it can be read, else from /proc/PID/status. Zero for pid 0.
std::size_t resident_bytes(pid_t pid);

// Raises this program's own limit of open files to the most it may have, and returns that.
std::size_t raise_descriptor_limit();

}  // namespace bench
