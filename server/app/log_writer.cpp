#include "app/log_writer.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>

#include "parley/base/utf8.hpp"

namespace parley::app {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{100};  // how often a blocked writer looks whether it shall give up

struct Line {
    log::Level level;
    std::chrono::system_clock::time_point time;
    std::string text;
};

spdlog::level::level_enum spdlog_level(log::Level level) {
    switch (level) {
        case log::Level::Trace: return spdlog::level::trace;
        case log::Level::Debug: return spdlog::level::debug;
        case log::Level::Info: return spdlog::level::info;
        case log::Level::Warn: return spdlog::level::warn;
        case log::Level::Error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

// A two-byte sequence for U+0080 to U+009F, which terminals may obey (U+009B starts an escape sequence).
bool is_c1(std::string_view text, std::size_t at) {
    return text[at] == '\xc2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

std::string escape_control(unsigned char byte) {
    switch (byte) {
        case '\n': return "\\n";
        case '\r': return "\\r";
        case '\t': return "\\t";
        default: return fmt::format("\\x{:02x}", byte);
    }
}

// At most `limit` bytes of valid UTF-8, not ending within a character.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    return text.substr(0, limit);
}

}  // namespace

std::string escape_log_text(std::string_view text) {
    const bool utf8 = is_valid_utf8(text);
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (utf8 && is_c1(text, i)) {
            result += fmt::format("\\u00{:02x}", static_cast<unsigned char>(text[++i]));
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) {
            result += escape_control(byte);
        } else {
            result += text[i];
        }
    }
    return result;
}

struct LogWriter::Shared {
    Shared(int descriptor, LogLimits the_limits)
        : fd(descriptor), limits(the_limits), formatter("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v", spdlog::pattern_time_type::utc, "\n") {}

    void run();
    bool wait_for_lines(std::deque<Line>& batch, std::uint64_t& dropped);
    void write_out(std::string_view bytes);
    bool ready();
    std::string render(const Line& line);

    const int fd;
    const LogLimits limits;
    std::atomic<Clock::rep> deadline{Clock::duration::max().count()};  // of writing; set by stop()

    std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable done;
    std::deque<Line> queue;           // guarded by mutex
    std::size_t queued_bytes = 0;     // guarded by mutex
    std::uint64_t dropped_now = 0;    // guarded by mutex: since the last line that told
    std::uint64_t dropped_total = 0;  // guarded by mutex
    bool stopping = false;            // guarded by mutex
    bool ended = false;               // guarded by mutex

    spdlog::pattern_formatter formatter;  // the thread's
};

std::string LogWriter::Shared::render(const Line& line) {
    const std::string text = escape_log_text(line.text);
    const spdlog::details::log_msg message(line.time, {}, {}, spdlog_level(line.level), text);
    spdlog::memory_buf_t bytes;
    formatter.format(message, bytes);
    return {bytes.data(), bytes.size()};
}

// Takes everything that waits, and how many lines were lost behind it. False when there is nothing and never will be.
bool LogWriter::Shared::wait_for_lines(std::deque<Line>& batch, std::uint64_t& dropped) {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return stopping || !queue.empty(); });
    batch.swap(queue);
    queued_bytes = 0;
    dropped = std::exchange(dropped_now, 0);
    return !batch.empty() || dropped != 0;
}

// Waits until the descriptor takes bytes. False when it is broken, or time is over.
bool LogWriter::Shared::ready() {
    while (Clock::now().time_since_epoch().count() < deadline.load(std::memory_order_relaxed)) {
        pollfd poller{fd, POLLOUT, 0};
        const int count = poll(&poller, 1, static_cast<int>(kLook.count()));
        if (count > 0) return (poller.revents & (POLLERR | POLLNVAL)) == 0;
        if (count < 0 && errno != EINTR) return false;
    }
    return false;
}

// A pipe that polls as writable takes PIPE_BUF bytes without blocking (pipe(7)), so no more are given to it at once.
void LogWriter::Shared::write_out(std::string_view bytes) {
    while (!bytes.empty() && ready()) {
        const ssize_t written = ::write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
        if (written < 0 && errno != EINTR && errno != EAGAIN) return;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

void LogWriter::Shared::run() {
    std::deque<Line> batch;
    std::uint64_t dropped = 0;
    while (wait_for_lines(batch, dropped)) {
        for (const Line& line : batch) write_out(render(line));
        batch.clear();
        if (dropped != 0) {
            write_out(render({log::Level::Warn, std::chrono::system_clock::now(),
                              fmt::format("{} log lines were dropped: nobody took them in time", dropped)}));
        }
    }
    std::lock_guard lock(mutex);
    ended = true;
    done.notify_all();
}

LogWriter::LogWriter(int fd, LogLimits limits) : shared_(std::make_shared<Shared>(fd, limits)) {
    thread_ = std::thread([shared = shared_] {
        // A reader that went away shows as EPIPE, not as a signal that ends the program.
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        pthread_setname_np(pthread_self(), "log");
        shared->run();
    });
}

LogWriter::~LogWriter() {
    stop(milliseconds(500));
}

void LogWriter::write(log::Level level, std::string_view text) {
    std::string kept(cut(text, shared_->limits.line_bytes));
    if (kept.size() < text.size()) kept += fmt::format("... ({} bytes in all)", text.size());
    std::lock_guard lock(shared_->mutex);
    const bool full = shared_->queue.size() >= shared_->limits.lines || shared_->queued_bytes + kept.size() > shared_->limits.bytes;
    if (full || shared_->stopping) {
        ++shared_->dropped_total;
        if (!shared_->stopping) ++shared_->dropped_now;
        return;
    }
    shared_->queued_bytes += kept.size();
    // The time is taken under the lock, so that lines are in the order of their times.
    shared_->queue.push_back({level, std::chrono::system_clock::now(), std::move(kept)});
    if (shared_->queue.size() == 1) shared_->wake.notify_one();
}

void LogWriter::stop(milliseconds patience) {
    if (!thread_.joinable()) return;
    shared_->deadline = (Clock::now() + patience).time_since_epoch().count();
    std::unique_lock lock(shared_->mutex);
    shared_->stopping = true;
    shared_->wake.notify_one();
    // A write that blocks in spite of poll (somebody else filled the pipe in between) is left behind with its thread.
    const bool ended = shared_->done.wait_for(lock, patience + 3 * kLook, [this] { return shared_->ended; });
    lock.unlock();
    ended ? thread_.join() : thread_.detach();
}

std::uint64_t LogWriter::dropped() const {
    std::lock_guard lock(shared_->mutex);
    return shared_->dropped_total;
}

}  // namespace parley::app
