#include "app/transfer_command.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app/logging.hpp"
#include "transfer/byte_file.hpp"
#include "transfer/transfer.hpp"

namespace parley::app {
namespace {

int complain(const TransferArguments& arguments, const std::string& sentence, int code) {
    fmt::print(stderr, "{}: {}\n", arguments.exporting ? "export" : "import", sentence);
    return code;
}

Result<transfer::Request> make_request(const TransferArguments& arguments) {
    // A folder that an import goes to is a data folder; one that an export goes to is a dump.
    const auto folder_kind = arguments.exporting ? transfer::Place::Kind::Dump : transfer::Place::Kind::Embedded;
    TRY(auto from, transfer::parse_source(arguments.from));
    TRY(auto to, transfer::parse_target(arguments.to, folder_kind));
    return transfer::Request{std::move(from), std::move(to), arguments.skip_damaged, arguments.gzip};
}

using Writer = std::unique_ptr<transfer::ByteWriter>;

// A run that was killed leaves an empty report, one that failed says so in it. Their command is given again, and may replace them.
bool is_of_an_unfinished_run(const std::string& path) {
    constexpr std::streamsize kMaxBytes = 1024 * 1024;
    std::error_code error;
    if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(path, error))) return false;
    std::string text(kMaxBytes, '\0');
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return false;
    file.read(text.data(), kMaxBytes);
    text.resize(static_cast<std::size_t>(file.gcount()));
    const auto report = transfer::Report::parse(text);
    return text.empty() || (report && !report->failed.empty());
}

// nullptr: none is wanted.
Result<Writer> open_report(const std::string& path) {
    if (path.empty()) return nullptr;
    if (path == "-") return transfer::ByteWriter::create(path, false);
    std::error_code ignored;
    if (is_of_an_unfinished_run(path)) std::filesystem::remove(path, ignored);
    return transfer::ByteWriter::create_new(path);
}

Result<bool> write_report(const Writer& writer, const transfer::Report& report) {
    if (!writer) return true;
    TRY([[maybe_unused]] const bool written, writer->write(report.json() + '\n'));
    return writer->finish();
}

}  // namespace

int run_transfer(const TransferArguments& arguments) {
    ::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of write()
    const Logging logging(log::Level::Warn);
    const auto request = make_request(arguments);
    if (!request) return complain(arguments, request.error().message, 2);

    const auto report_file = open_report(arguments.report_file);
    if (!report_file) return complain(arguments, "--report: " + report_file.error().message, 1);

    transfer::Report report;
    transfer::Progress progress(::isatty(STDERR_FILENO) != 0);
    const auto done = transfer::transfer(*request, report, progress);
    if (!done) report.failed = done.error().message;
    const auto written = write_report(*report_file, report);
    if (!done) return complain(arguments, done.error().message, 1);
    fmt::print(stderr, "{}", report.text());
    return written ? 0 : complain(arguments, "everything is done, but the report is not written: " + written.error().message, 1);
}

}  // namespace parley::app
