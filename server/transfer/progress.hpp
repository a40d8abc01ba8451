// Progress: one line on a terminal that says how far a transfer is, how fast, and how long it will take. Silent where there is no terminal.
// Threading: one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace parley::transfer {

class Progress {
public:
    // `visible`: whether standard error is a terminal.
    explicit Progress(bool visible) : visible_(visible) {}
    ~Progress() { end(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // A new stretch of work. total: in whatever units reached() speaks of (bytes, documents); 0 if unknown.
    void begin(std::string what, std::uint64_t total);
    void reached(std::uint64_t units) { units_ = units; }
    // Another record has been carried. Cheap: looks at the clock now and then.
    void count() {
        ++records_;
        if (visible_ && records_ % 256 == 0) show();
    }
    // Wipes the line.
    void end();

private:
    using SteadyClock = std::chrono::steady_clock;
    void show();

    const bool visible_;
    bool shown_ = false;
    std::string what_;
    std::uint64_t total_ = 0;
    std::uint64_t units_ = 0;
    std::uint64_t records_ = 0;
    SteadyClock::time_point began_;
    SteadyClock::time_point shown_at_;
};

// "reading  [=====     ]  45 %  123456 records  51234/s  0:12 left"
std::string progress_line(const std::string& what, std::uint64_t units, std::uint64_t total, std::uint64_t records, double seconds);

}  // namespace parley::transfer
