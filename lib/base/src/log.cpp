#include "parley/base/log.hpp"

#include <atomic>

namespace parley::log {
namespace {

std::atomic<Sink> current_sink{nullptr};
std::atomic<Level> lowest_level{Level::Info};

}  // namespace

void set_sink(Sink sink, Level lowest) {
    lowest_level.store(lowest, std::memory_order_relaxed);
    current_sink.store(sink, std::memory_order_release);
}

bool enabled(Level level) {
    return level >= lowest_level.load(std::memory_order_relaxed) && current_sink.load(std::memory_order_relaxed) != nullptr;
}

void write(Level level, std::string_view text) {
    if (Sink sink = current_sink.load(std::memory_order_acquire)) sink(level, text);
}

}  // namespace parley::log
