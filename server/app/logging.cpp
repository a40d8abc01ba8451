#include "app/logging.hpp"

#include <unistd.h>

#include <atomic>
#include <cassert>

#include "app/log_writer.hpp"

namespace parley::app {
namespace {

// Lives until the process ends once made: a thread that still logs while main returns finds a stopped writer, never a destroyed one.
std::atomic<LogWriter*> current{nullptr};

void sink(log::Level level, std::string_view text) {
    current.load(std::memory_order_acquire)->write(level, text);
}

}  // namespace

Logging::Logging(log::Level lowest) {
    static LogWriter* const writer = new LogWriter(STDERR_FILENO);
    assert(current == nullptr);
    current.store(writer, std::memory_order_release);
    log::set_sink(sink, lowest);
}

Logging::~Logging() {
    log::set_sink(nullptr, log::Level::Error);
    current.load()->stop(kFlush);
}

}  // namespace parley::app
