// An export in JSON lines, as a source and as a target: a first line, records in their order, a last line. See json_line.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "transfer/byte_file.hpp"
#include "transfer/json_line.hpp"
#include "transfer/source.hpp"

namespace parley::transfer {

// The lines of a file, one by one.
class LineFile {
public:
    // Far more than a record of the chat's has. Parsing takes many times the bytes of a line, so this bounds an import's memory.
    static constexpr std::size_t kMaxLineBytes = 4 * 1024 * 1024;
    explicit LineFile(std::unique_ptr<ByteReader> reader) : reader_(std::move(reader)) {}

    // Without its line feed, good until the next call; nullopt at the end. The last one may lack the line feed. TooLarge: the line
    // (its number is number()) is longer than that; the next call goes on behind it. Never more than such a line is in memory.
    Result<std::optional<std::string_view>> next();
    std::uint64_t number() const { return number_; }  // of the line given last, from 1
    const ByteReader& reader() const { return *reader_; }

private:
    Result<bool> skip_rest_of_line();

    std::unique_ptr<ByteReader> reader_;
    std::string pending_;
    std::size_t begin_ = 0;
    std::uint64_t number_ = 0;
};

class LinesSource : public Source {
public:
    // skip_damaged: take what is there of a file that was cut off.
    static Result<std::unique_ptr<LinesSource>> open(const std::string& path, bool skip_damaged);
    LinesSource(std::unique_ptr<ByteReader> reader, std::string fingerprint, bool skip_damaged);

    std::string name() const override { return file_.reader().path(); }
    std::string fingerprint() const override { return fingerprint_; }
    Order order() const override { return Order::AsGiven; }
    Result<bool> read(Receiver& receiver, Report& report, Progress& progress) override;

private:
    enum class Step : std::uint8_t { More, End };
    Result<bool> read_head();
    Result<Step> read_one(Receiver& receiver, Report& report);
    Step skip_line(Report& report, std::string_view reason);
    Result<Step> check_end(Report& report, const ExportEnd& end);
    Result<Step> cut_off(Report& report, const Error& error);

    LineFile file_;
    const std::string fingerprint_;
    const bool skip_damaged_;
    std::uint64_t records_ = 0;
};

class LinesTarget : public Target {
public:
    // Conflict: there is such a file already. It gets its name when it is complete.
    static Result<std::unique_ptr<LinesTarget>> create(const std::string& path);
    ~LinesTarget() override;  // removes what was not finished
    LinesTarget(const LinesTarget&) = delete;
    LinesTarget& operator=(const LinesTarget&) = delete;

    std::string name() const override { return path_ == "-" ? "standard output" : path_; }
    Result<bool> begin(const std::string& fingerprint, Report& report) override;
    Result<bool> take(const chat::User& user) override { return write(to_line(user)); }
    Result<bool> take(const chat::Message& message) override { return write(to_line(message)); }
    Result<bool> take(const Revocation& revocation) override { return write(to_line(revocation)); }
    Result<bool> take(const ReadMark& mark) override { return write(to_line(mark)); }
    Result<bool> take(const Conversation&) override { return true; }
    bool wants_conversations() const override { return false; }
    Result<bool> finish() override;

private:
    LinesTarget(std::string path, std::string written_path) : path_(std::move(path)), written_path_(std::move(written_path)) {}
    Result<bool> write(const std::string& line);

    const std::string path_;
    const std::string written_path_;  // until it is complete
    std::unique_ptr<ByteWriter> writer_;
    Report* report_ = nullptr;
    std::uint64_t records_ = 0;
};

}  // namespace parley::transfer
