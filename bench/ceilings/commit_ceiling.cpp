// How many messages this machine can store: one thread, SQLite's own API, the server's tables and durability, groups of some rows in one commit.
//     commit_ceiling FOLDER [--seconds 3] [--rows-per-commit 1,8,32,64,100] [--conversations 32] [--keys yes|no]        (no)
// A line for each size of a group; an operation is a row. Time and CPU are those of the commits. The server copies the log into the database on another
// thread: here that is done between them, and told apart (`rows_per_second_with_checkpoints`). `syncs_per_second` is of a file to which 4 KiB are appended,
// `rewrites_per_second` of one in which 4 KiB are written anew each time, as SQLite does in its log.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "ceilings/commit_database.hpp"
#include "ceilings/flags.hpp"
#include "report/report.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kPage = 4096;
constexpr int kLogPages = 4000;  // the log's length in the server, about
constexpr double kSyncSeconds = 0.5;

enum class Writing { Append, Rewrite };

class SyncedFile {
public:
    explicit SyncedFile(std::string path)
        : path_(std::move(path)), fd_(::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)) {
        if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path_);
    }
    ~SyncedFile() {
        ::close(fd_);
        ::unlink(path_.c_str());
    }
    SyncedFile(const SyncedFile&) = delete;
    SyncedFile& operator=(const SyncedFile&) = delete;

    void write_page(std::size_t index) const {
        if (::pwrite(fd_, page_.data(), kPage, static_cast<off_t>(index * kPage)) != kPage || ::fdatasync(fd_) != 0)
            throw std::system_error(errno, std::generic_category(), path_);
    }

private:
    const std::string path_;
    const int fd_;
    std::array<char, kPage> page_{};
};

double syncs_per_second(const std::string& folder, Writing writing) {
    const SyncedFile file(folder + "/commit_ceiling.sync");
    file.write_page(0);
    const auto began = Clock::now();
    std::size_t count = 0;
    while (Seconds(Clock::now() - began).count() < kSyncSeconds) file.write_page(writing == Writing::Append ? ++count : (++count, 0));
    return static_cast<double>(count) / Seconds(Clock::now() - began).count();
}

struct Plan {
    std::string folder;
    double seconds;
    std::size_t conversations;
    bool keys;
};

// Until the log is as long as the server lets it grow, or the time is over.
void fill_log(bench::CommitDatabase& database, std::size_t rows, Clock::time_point deadline, bench::Report& report) {
    const bench::Stopwatch stopwatch({.server = ::getpid()});
    auto now = Clock::now();
    while (now < deadline && database.log_pages() < kLogPages) {
        database.commit(rows);
        const auto done = Clock::now();
        report.latency.add(done - now);
        report.operations += rows;
        now = done;
    }
    stopwatch.stop(report);
}

bench::Report measure(const Plan& plan, std::size_t rows) {
    bench::Report report;
    report.scenario = "commit_ceiling";
    report.connections = 1;
    bench::CommitDatabase database(plan.folder + "/commit_ceiling.db", plan.conversations, plan.keys);
    // A log that is there already is written without the file growing, as it is in a server that has run for a while.
    while (database.log_pages() < kLogPages) database.commit(100);
    database.checkpoint();

    const auto began = Clock::now();
    const auto deadline = began + std::chrono::duration_cast<Clock::duration>(Seconds(plan.seconds));
    while (Clock::now() < deadline) {
        fill_log(database, rows, deadline, report);
        database.checkpoint();
    }
    report.figures = {
        {"rows_per_commit", static_cast<double>(rows)},
        {"rows_per_second_with_checkpoints", static_cast<double>(report.operations) / Seconds(Clock::now() - began).count()},
        {"syncs_per_second", syncs_per_second(plan.folder, Writing::Append)},
        {"rewrites_per_second", syncs_per_second(plan.folder, Writing::Rewrite)},
    };
    return report;
}

std::vector<std::size_t> parse_sizes(const std::string& list) {
    std::vector<std::size_t> sizes;
    std::istringstream words(list);
    for (std::string word; std::getline(words, word, ',');) sizes.push_back(std::stoul(word));
    for (const std::size_t size : sizes) {
        if (size == 0) throw std::runtime_error("--rows-per-commit: at least one");
    }
    return sizes;
}

void run(const bench::Flags& flags) {
    if (flags.words().size() != 1) throw std::runtime_error("usage: commit_ceiling FOLDER [--seconds S] [--rows-per-commit 1,8,…]");
    const Plan plan{.folder = flags.words()[0],
                    .seconds = flags.number("--seconds", 3),
                    .conversations = static_cast<std::size_t>(flags.number("--conversations", 32)),
                    .keys = flags.text("--keys", "no") == "yes"};
    std::filesystem::create_directories(plan.folder);
    for (const std::size_t rows : parse_sizes(flags.text("--rows-per-commit", "1,8,32,64,100"))) measure(plan, rows).print();
}

}  // namespace

int main(int count, char** words) {
    try {
        run(bench::Flags(count, words, {"--seconds", "--rows-per-commit", "--conversations", "--keys"}));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "commit_ceiling: %s\n", error.what());
        return 1;
    }
}
