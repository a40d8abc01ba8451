#include "transfer/byte_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace parley::transfer {
namespace {

constexpr mode_t kOwnerOnly = 0600;  // password hashes and what people wrote
constexpr std::size_t kBlock = 64 * 1024;
constexpr int kGzipWindow = 15 + 16;  // zlib's way of saying: gzip, the largest window
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr int kDeflateMemory = 8;  // zlib's default

Bytef* bytes_of(std::string& text) {
    return reinterpret_cast<Bytef*>(text.data());
}

}  // namespace

std::unexpected<Error> file_error(const std::string& path, int error) {
    if (error == ENOSPC || error == EDQUOT)
        return fail(ErrorCode::Unavailable, fmt::format("there is no space left for {}; make room and start again", path));
    const bool unusable = error == ENOENT || error == EACCES || error == EISDIR || error == ENOTDIR || error == EROFS;
    return fail(unusable ? ErrorCode::InvalidArgument : ErrorCode::Unavailable,
                fmt::format("cannot use {}: {}", path, std::strerror(error)));
}

void sync_folder(const std::string& path) {
    const int folder = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
}

ByteReader::ByteReader(int file, std::string path, Packing packing) : file_(file), path_(std::move(path)), packing_(packing) {}

Result<std::unique_ptr<ByteReader>> ByteReader::open(const std::string& path, Packing packing) {
    const int file = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return file_error(path, errno);
    std::unique_ptr<ByteReader> reader(new ByteReader(file, path == "-" ? "standard input" : path, packing));
    struct stat status{};
    if (::fstat(file, &status) != 0) return file_error(path, errno);
    if (S_ISDIR(status.st_mode)) return file_error(path, EISDIR);
    reader->size_ = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    return reader;
}

std::unique_ptr<ByteReader> ByteReader::of_bytes(std::string bytes, Packing packing) {
    std::unique_ptr<ByteReader> reader(new ByteReader(-1, "memory", packing));
    reader->size_ = bytes.size();
    reader->memory_ = std::move(bytes);
    return reader;
}

ByteReader::~ByteReader() {
    if (inflating_) ::inflateEnd(&inflater_);
    if (file_ >= 0) ::close(file_);
}

Result<std::string_view> ByteReader::next() {
    if (packing_ != Packing::Guess) return packing_ == Packing::Plain ? next_raw() : next_unpacked();
    TRY([[maybe_unused]] const std::string_view first, next_raw());
    packing_ = first.starts_with(kGzipMagic) ? Packing::Gzip : Packing::Plain;
    if (packing_ == Packing::Plain) return first;
    inflater_.next_in = bytes_of(buffer_);
    inflater_.avail_in = static_cast<uInt>(first.size());
    return next_unpacked();
}

Result<std::string_view> ByteReader::next_raw() {
    if (file_ < 0) {
        buffer_ = memory_.substr(position_, kBlock);
        position_ += buffer_.size();
        return std::string_view(buffer_);
    }
    buffer_.resize(kBlock);
    ssize_t got = 0;
    do {
        got = ::read(file_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return file_error(path_, errno);
    position_ += static_cast<std::uint64_t>(got);
    return std::string_view(buffer_).substr(0, static_cast<std::size_t>(got));
}

Result<bool> ByteReader::fill_input() {
    if (inflater_.avail_in > 0) return true;
    TRY(const std::string_view raw, next_raw());
    inflater_.next_in = bytes_of(buffer_);
    inflater_.avail_in = static_cast<uInt>(raw.size());
    return !raw.empty();
}

Result<std::string_view> ByteReader::next_unpacked() {
    if (!inflating_) {
        if (::inflateInit2(&inflater_, kGzipWindow) != Z_OK) return fail(ErrorCode::Unavailable, "out of memory");
        inflating_ = true;
    }
    unpacked_.resize(kBlock);
    while (true) {
        TRY(const bool more, fill_input());
        if (!more && !in_member_) return std::string_view();
        in_member_ = true;
        inflater_.next_out = bytes_of(unpacked_);
        inflater_.avail_out = static_cast<uInt>(unpacked_.size());
        const int code = ::inflate(&inflater_, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return damaged();
        if (code == Z_STREAM_END) {
            in_member_ = false;
            ::inflateReset(&inflater_);
        }
        const std::size_t made = unpacked_.size() - inflater_.avail_out;
        if (made > 0) return std::string_view(unpacked_).substr(0, made);
        if (!more) return damaged();
    }
}

std::unexpected<Error> ByteReader::damaged() const {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is damaged or was cut off (its gzip data ends wrongly around byte {})", path_,
                                                        position_ - inflater_.avail_in));
}

ByteWriter::ByteWriter(int file, std::string path, bool gzip) : file_(file), path_(std::move(path)), gzip_(gzip) {
    if (gzip_ && ::deflateInit2(&deflater_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kDeflateMemory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib cannot be used");
}

Result<std::unique_ptr<ByteWriter>> ByteWriter::create(const std::string& path, bool gzip) {
    const int file = path == "-" ? ::dup(STDOUT_FILENO) : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly);
    if (file < 0) return file_error(path, errno);
    return std::unique_ptr<ByteWriter>(new ByteWriter(file, path == "-" ? "standard output" : path, gzip));
}

Result<std::unique_ptr<ByteWriter>> ByteWriter::create_new(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
    if (file < 0 && errno == EEXIST)
        return fail(ErrorCode::Conflict, fmt::format("{} is there already; move it away or choose another name", path));
    if (file < 0) return file_error(path, errno);
    return std::unique_ptr<ByteWriter>(new ByteWriter(file, path, false));
}

ByteWriter::~ByteWriter() {
    if (gzip_) ::deflateEnd(&deflater_);
    ::close(file_);
}

Result<bool> ByteWriter::write(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() < kBlock) return true;
    return flush();
}

Result<bool> ByteWriter::flush() {
    if (gzip_) return deflate_buffer(Z_NO_FLUSH);
    TRY([[maybe_unused]] const bool written, write_raw(buffer_));
    buffer_.clear();
    return true;
}

Result<bool> ByteWriter::deflate_buffer(int mode) {
    deflater_.next_in = bytes_of(buffer_);
    deflater_.avail_in = static_cast<uInt>(buffer_.size());
    do {
        packed_.resize(kBlock);
        deflater_.next_out = bytes_of(packed_);
        deflater_.avail_out = static_cast<uInt>(packed_.size());
        ::deflate(&deflater_, mode);
        packed_.resize(packed_.size() - deflater_.avail_out);
        TRY([[maybe_unused]] const bool written, write_raw(packed_));
    } while (deflater_.avail_out == 0);
    buffer_.clear();
    return true;
}

Result<bool> ByteWriter::write_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_error(path_, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<bool> ByteWriter::finish() {
    TRY([[maybe_unused]] const bool flushed, gzip_ ? deflate_buffer(Z_FINISH) : flush());
    // A pipe or a terminal cannot be synced, and need not be.
    if (::fsync(file_) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP) return file_error(path_, errno);
    return true;
}

}  // namespace parley::transfer
