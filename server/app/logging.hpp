// Logging: parley::log to standard error, through a LogWriter. Set up once by main, before loops start.
#pragma once

#include <chrono>

#include "parley/base/log.hpp"

namespace parley::app {

// From construction on parley::log writes lines of at least `lowest` to standard error; destruction ends that, having waited for the reader at most
// `kFlush`. Once per process.
class Logging {
public:
    static constexpr std::chrono::milliseconds kFlush{500};

    explicit Logging(log::Level lowest);
    ~Logging();
    Logging(const Logging&) = delete;
    Logging& operator=(const Logging&) = delete;
};

}  // namespace parley::app
