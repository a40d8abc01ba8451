#include "app/transfer_command.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

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

Result<bool> write_report(const std::string& path, const transfer::Report& report) {
    TRY(const auto writer, transfer::ByteWriter::create(path, false));
    TRY([[maybe_unused]] const bool written, writer->write(report.json() + '\n'));
    return writer->finish();
}

}  // namespace

int run_transfer(const TransferArguments& arguments) {
    ::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of write()
    const Logging logging(log::Level::Warn);
    const auto request = make_request(arguments);
    if (!request) return complain(arguments, request.error().message, 2);

    transfer::Report report;
    transfer::Progress progress(::isatty(STDERR_FILENO) != 0);
    const auto done = transfer::transfer(*request, report, progress);
    if (!done) return complain(arguments, done.error().message, 1);
    fmt::print(stderr, "{}", report.text());
    if (arguments.report_file.empty()) return 0;
    const auto written = write_report(arguments.report_file, report);
    return written ? 0 : complain(arguments, "everything is done, but the report is not written: " + written.error().message, 1);
}

}  // namespace parley::app
