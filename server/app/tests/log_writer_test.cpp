#include "app/log_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace parley::app {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using namespace std::chrono_literals;

class Pipe {
public:
    Pipe() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    int writer() const { return ends_[1]; }
    void close_reader() { close_end(0); }
    void close_writer() { close_end(1); }

    // Fills the pipe, so that a blocking write would block.
    void fill() {
        const int flags = fcntl(ends_[1], F_GETFL);
        fcntl(ends_[1], F_SETFL, flags | O_NONBLOCK);
        const std::string filler(65536, '.');
        for (std::size_t size = filler.size(); size > 0;) {
            const ssize_t written = ::write(ends_[1], filler.data(), size);
            if (written > 0) filled_ += static_cast<std::size_t>(written);
            if (written < 0) size /= 2;
        }
        fcntl(ends_[1], F_SETFL, flags);
    }

    // Everything up to the end of file, without the filling.
    std::string read_all() {
        std::string text;
        std::array<char, 65536> buffer;
        for (ssize_t count; (count = ::read(ends_[0], buffer.data(), buffer.size())) > 0;)
            text.append(buffer.data(), static_cast<std::size_t>(count));
        return text.substr(filled_);
    }

private:
    void close_end(std::size_t end) {
        if (ends_[end] >= 0) ::close(ends_[end]);
        ends_[end] = -1;
    }
    std::array<int, 2> ends_{-1, -1};
    std::size_t filled_ = 0;
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = text.find('\n', start);
        lines.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return lines;
}

TEST(LogWriter, OneLineWithTimeLevelAndText) {
    Pipe pipe;
    LogWriter writer(pipe.writer());
    writer.write(log::Level::Info, "listening");
    writer.write(log::Level::Warn, "careful");
    writer.stop(10s);
    pipe.close_writer();
    const auto lines = lines_of(pipe.read_all());
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[0],
                MatchesRegex("20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9][0-9][0-9]Z info    listening"));
    EXPECT_THAT(lines[1], EndsWith("Z warning careful"));
}

TEST(LogWriter, LineBreaksAndTerminalCommandsAreEscaped) {
    EXPECT_EQ(escape_log_text("a\nb\r\tc"), "a\\nb\\r\\tc");
    EXPECT_EQ(escape_log_text("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
    EXPECT_EQ(escape_log_text(std::string_view("\0", 1)), "\\x00");
    EXPECT_EQ(escape_log_text("\xc2\x9b"
                              "31m"),
              "\\u009b31m");
    EXPECT_EQ(escape_log_text("Grüße 王 %v {}"), "Grüße 王 %v {}");
    EXPECT_EQ(escape_log_text("\xff\x9b"), "\\xff\\x9b");
}

TEST(LogWriter, AnEntryStaysOneLineOnTheWire) {
    Pipe pipe;
    LogWriter writer(pipe.writer());
    writer.write(log::Level::Error, "refused: x\n2026-01-01T00:00:00.000Z info    forged");
    writer.stop(10s);
    pipe.close_writer();
    const auto lines = lines_of(pipe.read_all());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0], HasSubstr("x\\n2026"));
}

TEST(LogWriter, AVeryLongTextIsCutBetweenCharacters) {
    Pipe pipe;
    LogWriter writer(pipe.writer(), {.line_bytes = 5});
    writer.write(log::Level::Info, "abcd\u00e9fgh");
    writer.stop(10s);
    pipe.close_writer();
    EXPECT_THAT(pipe.read_all(), EndsWith("info    abcd... (9 bytes in all)\n"));
}

TEST(LogWriter, AFullPipeBlocksNobodyAndLossesAreCounted) {
    Pipe pipe;
    pipe.fill();
    LogWriter writer(pipe.writer(), {.lines = 100});
    for (int i = 0; i < 100'000; ++i) writer.write(log::Level::Info, fmt::format("line {}", i));
    const std::uint64_t dropped = writer.dropped();
    // The thread has at most one batch of 100 in hand, 100 more wait.
    EXPECT_GE(dropped, 99'800U);
    EXPECT_LT(dropped, 100'000U);

    std::string text;
    std::thread reader([&] { text = pipe.read_all(); });
    writer.stop(30s);
    pipe.close_writer();
    reader.join();
    const auto lines = lines_of(text);
    std::uint64_t told = 0;
    std::size_t written = 0;
    for (const std::string& line : lines) {
        const auto at = line.find("warning ");
        at == std::string::npos ? ++written : told += std::stoull(line.substr(at + 8));
        if (at != std::string::npos) EXPECT_THAT(line, HasSubstr("log lines were dropped"));
    }
    EXPECT_EQ(told, dropped);
    EXPECT_EQ(written, 100'000 - dropped);
    EXPECT_THAT(lines.front(), EndsWith("line 0"));
}

TEST(LogWriter, TheQueueIsBoundedInBytesToo) {
    Pipe pipe;
    pipe.fill();
    LogWriter writer(pipe.writer(), {.bytes = 10'000});
    for (int i = 0; i < 1000; ++i) writer.write(log::Level::Info, std::string(1000, 'x'));
    EXPECT_GE(writer.dropped(), 980U);
    writer.stop(0ms);
}

TEST(LogWriter, StoppingGivesUpOnAPipeThatNobodyReads) {
    Pipe pipe;
    pipe.fill();
    LogWriter writer(pipe.writer());
    writer.write(log::Level::Info, "never seen");
    writer.stop(200ms);  // the test's own time limit catches a hang
    writer.write(log::Level::Info, "after the end");
    EXPECT_EQ(writer.dropped(), 1U);
}

TEST(LogWriter, AReaderThatGoesAwayDoesNotEndTheProgram) {
    Pipe pipe;
    pipe.close_reader();
    LogWriter writer(pipe.writer());
    for (int i = 0; i < 100; ++i) writer.write(log::Level::Info, "to nobody");
    writer.stop(10s);
}

TEST(LogWriter, ManyThreadsLoseNothingWhileThereIsRoom) {
    Pipe pipe;
    std::string text;
    std::thread reader([&] { text = pipe.read_all(); });
    LogWriter writer(pipe.writer());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) writer.write(log::Level::Debug, "x");
        });
    }
    for (std::thread& thread : threads) thread.join();
    writer.stop(30s);
    pipe.close_writer();
    reader.join();
    EXPECT_EQ(lines_of(text).size(), 4000U);
    EXPECT_EQ(writer.dropped(), 0U);
}

}  // namespace
}  // namespace parley::app
