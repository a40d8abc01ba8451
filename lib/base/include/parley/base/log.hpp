// The library's logging hook: the library never writes anywhere itself, it hands finished texts to a sink that the program sets once, before
// it starts loops. Without a sink nothing is logged and nothing is formatted.
// What must never be logged: tokens, cookies, passwords, message texts. Peers' input may contain line breaks: the sink escapes them.
// Threading: log functions may be called from any thread; the sink must be thread-safe and must not block.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace parley::log {

enum class Level : std::uint8_t { Trace, Debug, Info, Warn, Error };

using Sink = void (*)(Level level, std::string_view text);

// Sets the sink and the lowest level that reaches it. nullptr switches logging off. Call before other threads log.
void set_sink(Sink sink, Level lowest);

bool enabled(Level level);
void write(Level level, std::string_view text);

template <class... Args>
void at(Level level, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::Debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::Info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::Warn, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    at(Level::Error, format, std::forward<Args>(args)...);
}

}  // namespace parley::log
