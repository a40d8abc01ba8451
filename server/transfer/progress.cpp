#include "transfer/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace parley::transfer {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::chrono::milliseconds kShowEvery{200};

}  // namespace

std::string progress_line(const std::string& what, std::uint64_t units, std::uint64_t total, std::uint64_t records, double seconds) {
    const double rate = seconds > 0 ? static_cast<double>(records) / seconds : 0;
    std::string line = fmt::format("{:<8}", what);
    const double done = total > 0 ? std::min(1.0, static_cast<double>(units) / static_cast<double>(total)) : 0;
    if (total > 0) {
        const auto filled = static_cast<std::size_t>(done * static_cast<double>(kBarWidth));
        line += fmt::format(" [{}{}] {:3.0f} %", std::string(filled, '='), std::string(kBarWidth - filled, ' '), done * 100);
    }
    line += fmt::format("  {} records  {:.0f}/s", records, rate);
    if (done > 0.01) {
        const auto left = static_cast<std::uint64_t>(seconds * (1 - done) / done + 0.5);
        line += fmt::format("  {}:{:02} left", left / 60, left % 60);
    }
    return line;
}

void Progress::begin(std::string what, std::uint64_t total) {
    end();
    what_ = std::move(what);
    total_ = total;
    units_ = records_ = 0;
    began_ = shown_at_ = SteadyClock::now();
}

void Progress::show() {
    const auto now = SteadyClock::now();
    if (now - shown_at_ < kShowEvery) return;
    shown_at_ = now;
    shown_ = true;
    const double seconds = std::chrono::duration<double>(now - began_).count();
    // To the line's start, the text, and nothing behind it (ECMA-48, erase in line).
    fmt::print(stderr, "\r{}\x1b[K", progress_line(what_, units_, total_, records_, seconds));
    std::fflush(stderr);
}

void Progress::end() {
    if (!shown_) return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    shown_ = false;
}

}  // namespace parley::transfer
