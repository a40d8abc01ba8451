// FileBody: a part of an open file as the body of an answer, read piece by piece on a worker pool, never on a loop.
// A file that got shorter since it was looked at ends the body with an error, which cuts the connection: the promised length cannot be kept.
// Ownership: what a read needs is shared with it, so a body may be destroyed while a piece is being read.
#pragma once

#include <functional>
#include <memory>

#include "parley/async/worker_pool.hpp"
#include "parley/net/http.hpp"
#include "site/beneath.hpp"
#include "site/conditions.hpp"

namespace parley::site {

class FileBody final : public net::BodySource {
public:
    static constexpr std::size_t kPieceBytes = 128 * 1024;

    // Called with each piece before it is sent.
    using Observer = std::function<void(const std::string& piece)>;

    // `pool` must outlive every body. `piece_bytes`: how much one read takes.
    FileBody(WorkerPool& pool, Descriptor file, ByteRange range, std::size_t piece_bytes = kPieceBytes, Observer observer = nullptr);

    Task<Result<std::string>> next() override;
    std::optional<std::uint64_t> length() const override { return length_; }

private:
    struct Reading;
    static Task<Result<std::string>> read(std::shared_ptr<Reading> reading);

    const std::uint64_t length_;
    std::shared_ptr<Reading> reading_;
};

}  // namespace parley::site
