#include "site/file_body.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace parley::site {
namespace {

// A full pool means that many bodies are being read: this one waits its turn a little.
constexpr std::chrono::milliseconds kPoolRetry{20};
constexpr int kPoolRetries = 500;

Result<std::string> read_piece(int fd, std::uint64_t offset, std::size_t count) {
    std::string piece(count, '\0');
    for (std::size_t done = 0; done < count;) {
        const ssize_t got = pread(fd, piece.data() + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(ErrorCode::Unavailable, std::string("cannot read a file: ") + std::strerror(errno));
        if (got == 0) return fail(ErrorCode::Unavailable, "a file became shorter while it was sent");
        done += static_cast<std::size_t>(got);
    }
    return piece;
}

}  // namespace

struct FileBody::Reading {
    WorkerPool& pool;
    Descriptor file;
    ByteRange rest;
    std::size_t piece_bytes;
    Observer observer;
};

FileBody::FileBody(WorkerPool& pool, Descriptor file, ByteRange range, std::size_t piece_bytes, Observer observer)
    : length_(range.count),
      reading_(std::make_shared<Reading>(pool, std::move(file), range, std::max<std::size_t>(piece_bytes, 1), std::move(observer))) {}

Task<Result<std::string>> FileBody::next() {
    return read(reading_);
}

Task<Result<std::string>> FileBody::read(std::shared_ptr<Reading> reading) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(reading->rest.count, reading->piece_bytes));
    if (count == 0) co_return std::string();
    const auto job = [reading, count] { return read_piece(reading->file.get(), reading->rest.first, count); };
    auto taken = co_await reading->pool.run(job);
    for (int retry = 0; !taken && taken.error().code == ErrorCode::Unavailable && retry < kPoolRetries; ++retry) {
        co_await sleep_for(kPoolRetry);
        taken = co_await reading->pool.run(job);
    }
    CO_TRY(auto outcome, std::move(taken));
    CO_TRY(auto piece, std::move(outcome));
    reading->rest.first += count;
    reading->rest.count -= count;
    if (reading->observer) reading->observer(piece);
    co_return piece;
}

}  // namespace parley::site
