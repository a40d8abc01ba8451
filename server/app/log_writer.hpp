// LogWriter: lines to a descriptor through a bounded queue and a thread of its own, so that nobody who logs waits for a disk, a terminal or a pipe
// that is not read. When the queue is full new lines are dropped and counted; once there is room again a line says how many.
//
//     2026-01-31T12:00:00.000Z info    listening on port 5000
//
// One entry is one line: control characters (C0, DEL, C1) and bytes that are not UTF-8 are written as escapes.
// Threading: write() from any thread, never blocks but for a short lock. stop() from one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "parley/base/log.hpp"

namespace parley::app {

// The text without anything that could end the line or steer a terminal: "\n", "\r", "\t", "\x1b", "\u009b", "\xff".
std::string escape_log_text(std::string_view text);

struct LogLimits {
    std::size_t lines = 8192;             // waiting in the queue
    std::size_t bytes = 2 * 1024 * 1024;  // of text waiting in the queue
    std::size_t line_bytes = 8192;        // of one text; the rest is cut off and the cut is shown
};

class LogWriter {
public:
    // `fd` stays the caller's and open until the process ends. It may be blocking or not.
    explicit LogWriter(int fd, LogLimits limits = {});
    ~LogWriter();  // stop() with half a second

    void write(log::Level level, std::string_view text);

    // Writes what waits, for at most `patience`; then gives up, whatever the descriptor does. What is logged later is dropped. Idempotent.
    void stop(std::chrono::milliseconds patience);

    std::uint64_t dropped() const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  // the thread's too: it may outlive this object when the descriptor never takes its bytes
    std::thread thread_;
};

}  // namespace parley::app
