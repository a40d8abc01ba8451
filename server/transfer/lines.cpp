#include "transfer/lines.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "transfer/fingerprint.hpp"
#include "transfer/progress.hpp"
#include "transfer/report.hpp"

namespace parley::transfer {
namespace {

bool is_gzip_name(const std::string& path) {
    return path.ends_with(".gz");
}

}  // namespace

Result<std::optional<std::string_view>> LineFile::next() {
    std::size_t searched = begin_;
    while (true) {
        const std::size_t end = pending_.find('\n', searched);
        if (std::min(end, pending_.size()) - begin_ > kMaxLineBytes) {
            TRY([[maybe_unused]] const bool skipped, skip_rest_of_line());
            return fail(ErrorCode::TooLarge, fmt::format("it is longer than {} MiB", kMaxLineBytes / (1024 * 1024)));
        }
        if (end != std::string::npos) {
            const auto line = std::string_view(pending_).substr(begin_, end - begin_);
            begin_ = end + 1;
            ++number_;
            return line;
        }
        TRY(const std::string_view more, reader_->next());
        if (more.empty()) break;
        pending_.erase(0, begin_);
        begin_ = 0;
        searched = pending_.size();
        pending_ += more;
    }
    if (begin_ == pending_.size()) return std::nullopt;
    const auto line = std::string_view(pending_).substr(begin_);
    begin_ = pending_.size();
    ++number_;
    return line;
}

Result<bool> LineFile::skip_rest_of_line() {
    ++number_;
    std::size_t end = pending_.find('\n', begin_);
    while (end == std::string::npos) {
        TRY(const std::string_view more, reader_->next());
        pending_ = more;
        end = more.empty() ? 0 : pending_.find('\n');
    }
    begin_ = std::min(end + 1, pending_.size());
    return true;
}

LinesSource::LinesSource(std::unique_ptr<ByteReader> reader, std::string fingerprint, bool skip_damaged)
    : file_(std::move(reader)), fingerprint_(std::move(fingerprint)), skip_damaged_(skip_damaged) {}

Result<std::unique_ptr<LinesSource>> LinesSource::open(const std::string& path, bool skip_damaged) {
    TRY(auto reader, ByteReader::open(path, ByteReader::Packing::Guess));
    return std::make_unique<LinesSource>(std::move(reader), path == "-" ? "" : fingerprint_of_files({path}), skip_damaged);
}

Result<bool> LinesSource::read(Receiver& receiver, Report& report, Progress& progress) {
    progress.begin("reading", file_.reader().size());
    TRY([[maybe_unused]] const bool ours, read_head());
    while (true) {
        TRY(const Step step, read_one(receiver, report));
        if (step == Step::End) return true;
        progress.count();
        progress.reached(file_.reader().position());
    }
}

Result<bool> LinesSource::read_head() {
    TRY(const auto first, file_.next());
    const auto line = first ? parse_line(*first) : fail(ErrorCode::InvalidArgument, "");
    const ExportHead* const head = line ? std::get_if<ExportHead>(&*line) : nullptr;
    if (!head) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} is no export of Parley: its first line does not say so (docs/migration.md shows the format)", name()));
    }
    if (head->version > ExportHead::kVersion) {
        return fail(ErrorCode::InvalidArgument, fmt::format("{} was written by a newer version (format {}, this one knows {})", name(),
                                                            head->version, ExportHead::kVersion));
    }
    return true;
}

Result<LinesSource::Step> LinesSource::read_one(Receiver& receiver, Report& report) {
    const auto next = file_.next();
    if (!next && next.error().code == ErrorCode::TooLarge) return skip_line(report, next.error().message);
    if (!next) return cut_off(report, next.error());
    if (!*next) return cut_off(report, {ErrorCode::InvalidArgument, fmt::format("{} was cut off: its last line is missing", name())});
    if ((*next)->find_first_not_of(" \t\r") == std::string_view::npos) return Step::More;
    const auto line = parse_line(**next);
    if (!line) return skip_line(report, line.error().message);
    ++records_;
    if (const auto* const end = std::get_if<ExportEnd>(&*line)) return check_end(report, *end);
    const auto hand_over = [&](const auto& value) -> Result<bool> {
        if constexpr (requires { receiver.take(value); }) return receiver.take(value);
        return true;
    };
    TRY([[maybe_unused]] const bool taken, std::visit(hand_over, *line));
    return Step::More;
}

LinesSource::Step LinesSource::skip_line(Report& report, std::string_view reason) {
    ++records_;
    report.skip("line", reason, fmt::format("line {}", file_.number()));
    return Step::More;
}

Result<LinesSource::Step> LinesSource::check_end(Report& report, const ExportEnd& end) {
    const std::uint64_t before = records_ - 1;
    if (before != end.records) {
        report.note(fmt::format("lines, where the last one says {}", end.records), before);
    }
    const auto further = file_.next();
    if (further ? further->has_value() : further.error().code == ErrorCode::TooLarge)
        report.skip("rest of a file", "it goes on after the line that ends it", fmt::format("line {}", file_.number()));
    return Step::End;
}

Result<LinesSource::Step> LinesSource::cut_off(Report& report, const Error& error) {
    if (error.code != ErrorCode::InvalidArgument) return fail(error);
    if (!skip_damaged_) {
        return fail(error.code, error.message + "; get the whole file, or take what is there with --skip-damaged");
    }
    report.skip("rest of a file", error.message, fmt::format("after line {}", file_.number()));
    return Step::End;
}

Result<std::unique_ptr<LinesTarget>> LinesTarget::create(const std::string& path) {
    std::error_code ignored;
    if (path != "-" && std::filesystem::exists(path, ignored))
        return fail(ErrorCode::Conflict, fmt::format("{} is there already; move it away or choose another name", path));
    return std::unique_ptr<LinesTarget>(new LinesTarget(path, path == "-" ? path : path + ".partial"));
}

LinesTarget::~LinesTarget() {
    std::error_code ignored;
    if (writer_ && path_ != "-") std::filesystem::remove(written_path_, ignored);
}

Result<bool> LinesTarget::begin(const std::string&, Report& report) {
    report_ = &report;
    TRY(writer_, ByteWriter::create(written_path_, is_gzip_name(path_)));
    return writer_->write(to_line(ExportHead{.exported_at = chat::system_now()}));
}

Result<bool> LinesTarget::write(const std::string& line) {
    ++records_;
    if (line.size() > LineFile::kMaxLineBytes) report_->note("lines that are longer than an import takes");
    return writer_->write(line);
}

Result<bool> LinesTarget::finish() {
    TRY([[maybe_unused]] const bool ended, writer_->write(to_line(ExportEnd{records_})));
    TRY([[maybe_unused]] const bool finished, writer_->finish());
    writer_.reset();
    if (path_ == "-") return true;
    if (std::rename(written_path_.c_str(), path_.c_str()) != 0) return file_error(path_, errno);
    sync_folder(std::filesystem::path(path_).parent_path().string());
    return true;
}

}  // namespace parley::transfer
